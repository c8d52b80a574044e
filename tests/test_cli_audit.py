"""Proving and telling from a terminal, as cron and CI do: checkpoint, verify, audit."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from nb_mlops.actions.connect import open_registry
from nb_mlops.actions.promote import promote
from tests.test_cli import call, place  # noqa: F401


def test_a_checkpoint_proves_itself_and_a_wrong_key_exits_with_1(place: str, tmp_path: Path) -> None:  # noqa: F811
    made = json.loads(call(place, "checkpoint", "--to", str(tmp_path / "away"), "--json").output)
    proven = call(place, "verify", "--checkpoint", made["place"], "--key", made["key"])
    assert proven.exit_code == 0
    assert "nothing before it changed" in proven.output
    assert f"since the newest checkpoint (position {made['position']})" in proven.output
    assert call(place, "verify", "--checkpoint", made["place"], "--key", "0" * 64).exit_code == 1


def test_what_is_no_checkpoint_or_no_key_is_usage(place: str, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "no.json").write_text("{}")
    made = json.loads(call(place, "checkpoint", "--json").output)
    for words in (["--checkpoint", str(tmp_path / "no.json")], ["--checkpoint", str(tmp_path / "none.json")]):
        assert call(place, "verify", *words).exit_code == 2
    assert call(place, "verify", "--checkpoint", made["place"], "--key", "mine").exit_code == 2


def test_the_audit_is_filtered_and_exported(place: str, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "told.csv"
    told = call(place, "audit", "churn", "--kind", "registered", "--who", "ann", "--export", str(path))
    assert told.exit_code == 0
    assert "2 of 3 events (by ann, registered)" in told.output
    assert len(path.read_text().splitlines()) == 3


def test_kinds_come_by_commas_and_by_repeated_options(place: str) -> None:  # noqa: F811
    for words in (["--kind", "registered,promoted"], ["--kind", "registered", "--kind", "promoted"]):
        assert "2 of 3 events (registered, promoted)" in call(place, "audit", "churn", *words).output
    assert "not a kind of event" in call(place, "audit", "churn", "--kind", "registered,promotd").stderr


def test_the_audit_answers_for_a_day(place: str) -> None:  # noqa: F811
    promote("churn@1", registry=open_registry(place))
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert json.loads(call(place, "audit", "churn@production", "--as-of", today, "--json").output)["ref"] == "churn@1"
    assert call(place, "audit", "churn", "--as-of", "1999-01-01").exit_code == 0
    assert call(place, "audit", "churn", "--as-of", today, "--who", "ann").exit_code == 2
