"""Face 4: `nb-mlops …` for terminals and CI. Every command parses, calls one action, and prints its answer.

Exit codes: 0 done · 1 a gate, check or drift said no · 2 usage · 3 no registry can be reached · 4 damaged or untrusted.
What the commands share is in `program`; each other file holds those of one room of life, as the magics' files do.
"""

from nb_mlops.cli import governing, keeping, looking, making, moving
from nb_mlops.cli.program import EXIT_CODES, exit_code, main

__all__ = ["EXIT_CODES", "exit_code", "governing", "keeping", "looking", "main", "making", "moving"]
