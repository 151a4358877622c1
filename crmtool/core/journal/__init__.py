"""Journals: files whose rows happened at some time to somebody. Interactions and deals come in by them."""
