"""`python -m nb_mlops` is `nb-mlops`."""

from nb_mlops.cli import main

main(prog_name="nb-mlops")
