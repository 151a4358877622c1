"""Duplicate detection: which contacts are one party, how surely, and why."""
