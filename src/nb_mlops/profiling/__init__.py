"""A table to a profile, on an engine."""
