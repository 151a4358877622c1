"""What leaves the base: for whom, which values in which columns, and in which words they are greeted. Pure frames."""
