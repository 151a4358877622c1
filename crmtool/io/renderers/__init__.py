"""Reports to HTML."""
