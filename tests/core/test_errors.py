"""Near names help where somebody slipped, and keep quiet where they would only make noise."""

from __future__ import annotations

import pytest

from nb_mlops.core.errors import near


@pytest.mark.parametrize(
    ("wanted", "known", "said"),
    [
        ("regoin", ["region", "region"], "Did you mean region?"),
        ("toy", ["today", "history", "story"], ""),
        ("toy", ["today", "toy2"], "Did you mean toy2?"),
        ("hihg", ["high", "low"], "Did you mean high?"),
        ("churn", ["churn"], ""),
    ],
)
def test_near_names_are_few_and_each_said_once(wanted: str, known: list[str], said: str) -> None:
    assert near(wanted, known) == said
