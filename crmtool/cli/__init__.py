"""Talks: one file per noun; the only place that prints."""
