"""Where it is decided that a version may go live: `decide`, pure, one reason per requirement.

    evidence     all that a decision may look at, gathered in one place
    validations  what was measured: passed, held out, by whom, on which data, how long ago
    independence who took part in a version, so that their word about it is not independent
    approvals    who signed what, whose word counts, and whether it still binds
    record       what else must stand: card, baseline, monitoring, findings, reviews

The catalogs call it (through `rules`) inside the transaction that would move the alias,
so no face, no process and no race can pass a gate that is closed.
"""

from nb_mlops.core.gate.decide import decide
from nb_mlops.core.gate.evidence import Evidence, current_evidence, gather

__all__ = ["Evidence", "current_evidence", "decide", "gather"]
