"""Tables to files, atomic and readable by their owner alone."""
