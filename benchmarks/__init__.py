"""Our figures beside MLflow's, measured in one run: `make bench` makes the environment and prints the table."""
