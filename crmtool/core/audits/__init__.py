"""The audit of a base: how fresh it is, what is missing, what to do first. To add a part: a file with one thought."""
