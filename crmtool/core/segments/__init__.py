"""Segments: filters over contacts that people read, write and keep, and who was in them when."""
