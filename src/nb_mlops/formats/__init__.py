"""A fitted object to files and back: which format fits, and what may be trusted."""
