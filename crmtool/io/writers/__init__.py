"""Frames out: CSV and Excel, written whole or not at all. To add a format: a file here that writes through `files`."""
