"""`open_finding`, `close_finding`, `findings`: open questions on versions; `review`: what an emergency was about."""

from __future__ import annotations

from datetime import UTC, date, datetime

from nb_mlops.actions.connect import current
from nb_mlops.actions.find import find_model, find_version
from nb_mlops.actions.registry import Registry
from nb_mlops.core.errors import BadInput
from nb_mlops.core.event import stamp
from nb_mlops.core.finding import Finding
from nb_mlops.core.listing import Listing
from nb_mlops.core.ref import Ref
from nb_mlops.core.rows import FindingRow, ModelRow
from nb_mlops.core.version import Version


def open_finding(
    ref: str | Version | None,
    title: str,
    *,
    severity: str = "major",
    owner: str | None = None,
    due: str | date | None = None,
    registry: Registry | str | None = None,
) -> Finding:
    """Puts a question on a version's record; an open critical one closes the gate at all stakes.

    `severity` is minor, major or critical; `owner` who has to answer it; `due` a day, `2026-12-31`.
    """
    place = current(registry)
    version = find_version(place, ref, writing=True)
    body = {"number": version.number, "severity": severity}
    if due is not None:
        body["due"] = stamp(_day(due))
    people = {"owner": owner} if owner else None
    event = place.append("finding_opened", version.name, body, texts={"title": title}, people=people)
    return _finding(place, find_model(place, version.name), event.sequence)


def close_finding(name: str, number: int, answer: str, *, registry: Registry | str | None = None) -> Finding:
    """Closes a finding of a model with its answer in words; both stay on record."""
    place = current(registry)
    model = find_model(place, Ref.parse(str(name)).name)
    place.append("finding_closed", model.name, {"finding": number}, texts={"answer": answer})
    return _finding(place, model, number)


def findings(name: str, *, closed: bool = False, registry: Registry | str | None = None) -> Listing[Finding]:
    """The open findings of a model or of one version; with `closed=True` the answered ones, too."""
    place = current(registry)
    parsed = Ref.parse(str(name))
    model = find_model(place, parsed.name)
    number = find_version(place, parsed).number if parsed.selector is not None else None
    rows = [
        row
        for row in place.catalog.find(FindingRow, model=model.id)
        if (closed or row.closed_at is None) and number in (None, row.number)
    ]
    columns = ("number", "severity", "ref", "title", "owner", "due", "state", "opened_by")
    found = tuple(_shown(place, model, row) for row in rows)
    return Listing(found, columns, title=f"findings on {parsed}", empty="none" if closed else "none open")


def review(name: str, text: str, *, registry: Registry | str | None = None) -> str:
    """Closes an emergency of a model: what somebody else than who broke the glass found. Gives the version's ref."""
    place = current(registry)
    model = find_model(place, Ref.parse(str(name)).name)
    event = place.append("reviewed", model.name, {}, texts={"review": text})
    return f"{model.name}@{event.body['number']}"


def _finding(registry: Registry, model: ModelRow, number: int) -> Finding:
    row = registry.catalog.get(FindingRow, model.id, number)
    assert row is not None, "it was written a moment ago"
    return _shown(registry, model, row)


def _shown(registry: Registry, model: ModelRow, row: FindingRow) -> Finding:
    return Finding(
        ref=f"{model.name}@{row.number}",
        number=row.sequence,
        severity=row.severity,
        title=registry.text(row.title),
        opened_by=registry.find_name(row.actor),
        opened_at=row.at,
        owner=registry.find_name(row.owner) if row.owner else "",
        due=row.due,
        answer=registry.text(row.answer),
        closed_by=registry.find_name(row.closed_by) if row.closed_by else "",
        closed_at=row.closed_at,
    )


def _day(given: str | date) -> datetime:
    """The end of a day, in UTC."""
    try:
        day = date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        raise BadInput(f"{str(given)[:40]!r} is not a day.", "Like 2026-12-31.") from None
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
