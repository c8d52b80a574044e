"""Kinds of events: what a rule lets in, the projection must know what to do with."""

from __future__ import annotations

from nb_mlops.core.projection import _CHANGES
from nb_mlops.core.rules.ruling import _RULES
from nb_mlops.core.sentences import known_kinds

ONLY_TOLD = {"checkpointed", "trusted"}  # they stand in the history, and no row changes by them


def test_every_kind_that_a_rule_lets_in_changes_rows_or_is_only_told() -> None:
    assert set(_RULES) - set(_CHANGES) == ONLY_TOLD


def test_every_kind_that_a_rule_lets_in_has_its_sentence() -> None:
    assert set(_RULES) - known_kinds() == set()


def test_every_change_of_rows_comes_from_a_rule() -> None:
    on_the_way = {"created", "lowering_asked", "policy_proposed", "glass_broken"}  # recorded by another kind's rule
    assert set(_CHANGES) - set(_RULES) == on_the_way
