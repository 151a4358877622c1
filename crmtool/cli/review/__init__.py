"""The review of duplicates: what a steward sees and says about the pairs that wait, on a screen or in plain lines."""
