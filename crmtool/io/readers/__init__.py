"""Files in: each format becomes one `table.Table`. To add a format: a line in `files.FORMATS`."""
