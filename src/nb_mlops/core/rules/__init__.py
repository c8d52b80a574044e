"""What may be written: one rule per kind of draft, called by every catalog inside its transaction.

    draft ──> rule(draft, ...) ──> Ruling: the entries to record, or the event that already says it
                              └──> or an error of ours: nothing is written

Rules are pure: they look at facts, the policy and the catalog's clock, and at nothing else.
Replay uses what was recorded; rules are never run again on the past.
"""

from nb_mlops.core.rules.ruling import Case, Entry, Ruling, rule

__all__ = ["Case", "Entry", "Ruling", "rule"]
