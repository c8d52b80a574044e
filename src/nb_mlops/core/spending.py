"""How a model's yearly budget of false alarms is spent over its looks.

All looks share one baseline, so they are not independent; spending shares of one budget stays valid under any
dependence (the union bound; the idea is alpha spending, Lan & DeMets 1983).
"""

from __future__ import annotations

from nb_mlops.core.errors import BadInput

YEARLY_BUDGET = 0.05
LOOKS_A_YEAR = 366
_EVENLY = 0.75


def alpha_of_look(k: int, budget: float = YEARLY_BUDGET) -> float:
    """The chance of any false alarm that the `k`-th recorded look of a year may take (k from 1).

    Three quarters of the budget are spread evenly over 366 looks, so that the last daily look still sees; the rest
    falls as 1/(k (k + 1)), so that a model looked at once a month is judged with the larger part of it, and looks
    beyond the 366th still have some. All looks together never take more than `budget`. Raises BadInput for k < 1 or a
    budget that is no chance.
    """
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise BadInput(f"There is no look number {k!r}.", "Looks are counted from 1.")
    if not 0 < budget < 1:
        raise BadInput(f"A budget of {budget!r} is no chance.", "Give a number between 0 and 1, such as 0.05.")
    evenly = _EVENLY / LOOKS_A_YEAR if k <= LOOKS_A_YEAR else 0.0
    return budget * (evenly + (1 - _EVENLY) / (k * (k + 1)))
