"""Documents of deals: files whose names and folders say what they are. What is in them is never read as anything."""
