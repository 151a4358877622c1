"""Gathers an audit from the store. To add a figure: a count in `figures`, a table in `tables`; see `report`."""
