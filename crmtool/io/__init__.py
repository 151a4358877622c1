"""Touches: files, rules and the store. Prints nothing."""
