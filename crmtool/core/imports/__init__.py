"""The stages from a table of text cells to a plan: mapping, cleaning, checking, linking."""
