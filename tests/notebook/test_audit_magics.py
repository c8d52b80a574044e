"""%audit and %mlops checkpoint in a notebook: the same answers as everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import nb_mlops
from nb_mlops.core.errors import BadInput
from tests.actions.conftest import fitted, table

KINDS = "promoted, registered"
TWICE = "--kind promoted --kind registered"


@pytest.fixture
def nb(run: Callable[..., object]) -> Iterator[Callable[..., object]]:
    run("%load_ext nb_mlops")
    nb_mlops.register(fitted(), "churn", data=table(), again=True)
    nb_mlops.promote("churn@1")
    yield run
    run("%unload_ext nb_mlops")


def test_the_audit_takes_filters_and_exports(nb: Callable[..., object], tmp_path: Path) -> None:
    told = nb(f"%audit churn --since 2020-01-01 --kind promoted,registered --export {tmp_path}/told.html")
    assert [entry.act for entry in told.entries] == ["registered", "promoted"]
    assert (tmp_path / "told.html").read_text().startswith("<!doctype html>")


def test_kinds_come_by_commas_and_by_repeated_options(nb: Callable[..., object]) -> None:
    kept = {len(nb(f"%audit churn {words}").entries) for words in ("--kind promoted,registered", TWICE)}
    kept |= {len(nb_mlops.audit("churn", kind=kind).entries) for kind in (KINDS, [KINDS])}
    assert kept == {2}


def test_the_audit_answers_for_a_day(nb: Callable[..., object]) -> None:
    assert nb("%audit churn@production --as-of 2999-01-01").ref == "churn@1"
    with pytest.raises(BadInput, match="one moment"):
        nb("%audit churn --as-of 2999-01-01 --who ada")


def test_a_checkpoint_is_made_and_proves(nb: Callable[..., object], tmp_path: Path) -> None:
    made = nb(f"%mlops checkpoint {tmp_path}/away")
    assert nb_mlops.verify(checkpoint=made.place, key=made.key).whole
