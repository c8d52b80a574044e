"""What surrounds a fit: cells, data, environment, code version."""
