"""When bytes may go: of what was discarded or retired, once the time for which its stakes keep them is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from nb_mlops.core.errors import NotFound, Refused
from nb_mlops.core.policy import Policy, team_of
from nb_mlops.core.rows import ModelRow, VersionRow
from nb_mlops.core.rules.body import is_count
from nb_mlops.core.rules.ruling import Case, Ruling, one

PARTS = ("files", "baseline", "examples")  # the record stays: it tells what the version was


def erased(case: Case) -> Ruling:
    """The bytes of an ended version are let go; its events and its record stay."""
    model = case.model(retired_too=True)
    number = case.body.get("number")
    version = case.facts.get(VersionRow, model.id, number) if is_count(number) else None
    if version is None:
        raise NotFound(f"There is no {model.name}@{number}.", f"See %versions {model.name}.")
    over = kept_until(case.policy, model, version)
    if over is None or case.now < over:
        until = f"until {over:%Y-%m-%d}" if over else "for ever"
        message = f"The bytes of {model.name}@{version.number} are kept {until} ({model.stakes} stakes)."
        raise Refused(message, "The policy's retention_days says how long: %mlops policy show")
    parts = [part for part in PARTS if part not in version.erased]
    if not parts:
        return Ruling(existing=version.event)
    return one(model, "erased", {"number": version.number, "parts": parts, "why": "retention"}, {})


def kept_until(policy: Policy, model: ModelRow, version: VersionRow) -> datetime | None:
    """Until when a version's bytes are kept; None: for ever, as long as it has not ended or where no time is named."""
    days = policy.level(model.stakes, team_of(model.name)).retention_days
    ended = model.ended_at if version.state == "live" else version.ended_at  # a model's end is that of its versions
    return None if ended is None or days is None else ended + timedelta(days=days)
