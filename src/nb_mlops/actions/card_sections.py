"""From what stands on record to the sections of a card: each writes itself from rows, none asks a clock."""

from __future__ import annotations

from datetime import datetime

from nb_mlops.actions.card_figures import SEGMENT, measured, results_of
from nb_mlops.actions.on_record import OnRecord
from nb_mlops.core.assessment import QUESTIONS
from nb_mlops.core.card import Section, Table
from nb_mlops.core.held_out import why_not_held_out
from nb_mlops.core.rows import ValidationRow, VoteRow, WindowRow
from nb_mlops.core.version import short

Lines = tuple[tuple[str, str], ...]

MOST = 50  # lines of one kind; all of them stand in the dossier
MOST_TABLES = 3  # data sets shown in full


def details(known: OnRecord) -> Section:
    """What it is, who made it, of what and where."""
    version, row = known.version, known.version.row
    lineage = version.lineage
    lines = [
        ("version", version.ref + (f", made from {version.parent}" if version.parent else "")),
        ("estimator", version.estimator),
        ("format", f"{version.format}, {version.size_bytes / 1e3:.1f} kB"),
        ("sha256 of the artifact", version.digest),
        ("registered", f"{day(version.created_at)} by {known.who(row.actor)}"),
        *([("author of the notebook", known.who(row.author))] if row.author else []),
        ("stakes", f"{version.stakes}, set by {known.who(known.model.stakes_by)} on {day(known.model.stakes_at)}"),
        *_assessed(known),
        ("owner", known.said(known.model.owner) or "nobody named"),
        *[("is", alias) for alias in sorted(version.aliases)],
        *([("state", row.state)] if row.state != "live" else []),
        *_made_by(known),
        *[(f"parameter {name}", short(value)) for name, value in sorted(version.params.items())[:MOST]],
        *[(f"tag {name}", short(value)) for name, value in sorted(version.tags.items())[:MOST]],
        *[("run", f"{run.tool} {run.url or run.id}") for run in lineage.runs],
    ]
    return Section("details", "Model details", tuple(lines))


def intended_use(known: OnRecord) -> Section:
    """What it is for, as its owner said."""
    purpose = known.said(known.model.purpose)
    return Section("intended_use", "Intended use", (("purpose", purpose),) if purpose else (), person="intended_use")


def factors(known: OnRecord) -> Section:
    """What it looks at, and the groups by which it was measured."""
    signature = known.version.signature
    lines: list[tuple[str, str]] = []
    if signature is not None:
        names = [column.name for column in signature.columns]
        shown = ", ".join(names[:30]) + (f" and {len(names) - 30} more" if len(names) > 30 else "")
        lines.append((f"{len(names)} input columns", shown))
    cut_by = sorted({part["column"] for row in known.latest_validations() for name in row.metrics
                     if (part := SEGMENT.fullmatch(name))})  # fmt: skip
    lines += [("measured by groups of", column) for column in cut_by]
    return Section("factors", "Factors", tuple(lines), person="factors")


def metrics(known: OnRecord) -> Section:
    """What its author reported, and what it is held against."""
    reported = [
        (f"{name} (reported by the author)", short(value)) for name, value in sorted(known.version.metrics.items())
    ]
    checked = dict.fromkeys(one.check for row in known.latest_validations() for one in results_of(row))
    lines = (*reported[:MOST], *[("held against", check) for check in list(checked)[:MOST]])
    return Section("metrics", "Metrics", lines)


def evaluation_data(known: OnRecord) -> Section:
    """The data it was measured on, with every attempt."""
    lines = tuple(
        (
            f"{day(row.at)} {'passed' if row.passed else 'failed'}",
            f"{row.rows:,} rows{f' named {row.data_name}' if row.data_name else ''}, sha256 {row.data}, "
            f"attempt {row.attempt}, by {known.who(row.actor)}{_claim(row)}{_not_held_out(known, row)}",
        )
        for row in known.validations[-MOST:]
    )
    missing = "" if lines else "no validation yet"
    return Section("evaluation_data", "Evaluation data", lines, missing=missing, person="evaluation_data")


def training_data(known: OnRecord) -> Section:
    """The data it was fitted on, with its fingerprint."""
    lineage = known.version.lineage
    lines = [
        (
            f"table {place}",
            f"{part.rows:,} rows × {len(part.columns):,} columns, sha256 {part.sha256}"
            + (" (of a sample)" if part.sampled else "")
            + (f", target {', '.join(name for name, _ in part.target)}" if part.target else ""),
        )
        for place, part in enumerate(lineage.data, start=1)
    ]
    lines += [("source", lineage.data_source)] if lineage.data_source else []
    lines += [("baseline", "a profile of it is kept: drift is told from it")] if known.version.row.baseline else []
    missing = "" if lineage.data else "the training data is not known"
    return Section("training_data", "Training data", tuple(lines), missing=missing, person="training_data")


def analyses(known: OnRecord) -> Section:
    """What was measured: each check, every metric with its interval, groups and the gaps between them."""
    latest = known.latest_validations()
    tables = [table for row in latest[:MOST_TABLES] for table in measured(row)]
    lines: Lines = (("more data sets", str(len(latest) - MOST_TABLES)),) if len(latest) > MOST_TABLES else ()
    return Section("analyses", "Quantitative analyses", lines, tuple(tables))


def ethics(known: OnRecord) -> Section:
    """Whom it affects, as the questionnaire was answered."""
    return Section("ethics", "Ethical considerations", _answers(known), person="ethics")


def caveats(known: OnRecord) -> Section:
    """What is known against it: warnings of the capture, notes, findings."""
    warned = [("note of the registration", text) for text in known.version.lineage.warnings]
    noted = [(f"note of {known.who(row.actor)}, {day(row.at)}", known.said(row.text)) for row in known.notes[-MOST:]]
    asked = [
        (
            f"open finding #{row.sequence}, {row.severity}",
            f"{known.said(row.title)} ({known.who(row.actor)}, {day(row.at)}"
            + (f", owner {known.who(row.owner)}" if row.owner else "")
            + (f", due {row.due:%Y-%m-%d}" if row.due else "")
            + ")",
        )
        for row in known.open_findings()[:MOST]
    ]
    closed = len(known.findings) - len(known.open_findings())
    answered = [("closed findings", str(closed))] if closed else []
    lines = (*warned, *noted, *asked, *answered)
    return Section("caveats", "Caveats and recommendations", lines, person="limits")


def oversight(known: OnRecord) -> Section:
    """Who let it go live, on what, and what was done in an emergency."""
    voted = [
        (
            f"{vote.verdict} for {vote.alias}",
            f"{known.who(vote.actor)}, {day(vote.at)}: {_signed(known, vote)}{_quote(known.said(vote.comment))}",
        )
        for vote in known.votes[-MOST:]
    ]
    moved = [
        (
            f"{row.kind.replace('_', ' ')} {day(row.at)}",
            f"{known.version.name}@{row.number} to {row.alias}{_was(known, row.previous)} by {known.who(row.actor)}"
            f"{' through BROKEN GLASS' if row.glass else ''}{_quote(known.said(row.reason))}",
        )
        for row in known.moves[-MOST:]
    ]
    broken = [
        (
            f"glass broken {day(row.at)} for {row.alias}",
            f"{row.told_ticket}, by {known.who(row.actor)}{_quote(known.said(row.reason))}; "
            + (
                f"reviewed {day(row.reviewed_at)} by {known.who(row.reviewed_by)}{_quote(known.said(row.review))}"
                if row.reviewed_at
                else f"NOT REVIEWED, due {row.expires_at:%Y-%m-%d %H:%M} UTC"
            ),
        )
        for row in known.glasses[-MOST:]
    ]
    name = known.version.name
    way_back = [
        ("way back", f'nb-mlops rollback {name} --alias {alias} -m "…" moves {alias} to the version before')
        for alias in sorted(known.version.aliases)
    ]
    return Section("oversight", "Human oversight", (*voted, *moved, *broken, *way_back), person="oversight")


def monitoring(known: OnRecord) -> Section:
    """Windows of record, and who uses it where."""
    rows = tuple(
        (
            *(str(row.look), day(row.at), f"{row.rows:,}", "ALARM" if row.alarm else "no drift"),
            *(_moved_most(row), known.who(row.actor)),
        )
        for row in known.windows[-MOST:]
    )
    looks = Table("windows of record", ("look", "day", "rows", "verdict", "moved most", "by"), rows)
    used = [
        (
            f"used by a {row.place.partition(':')[0]}",
            f"{known.who(row.actor)}, {row.first_at:%Y-%m-%d} to {row.last_at:%Y-%m-%d}"
            + (f", {known.said(row.path)}" if row.path else ""),
        )
        for row in known.uses[-MOST:]
    ]
    looked, alarms = len(known.windows), sum(row.alarm for row in known.windows)
    told = f"{looked} look{'' if looked == 1 else 's'}, {alarms} alarm{'' if alarms == 1 else 's'}"
    drift = [("drift", told)] if looked else []
    return Section("monitoring", "Monitoring", (*drift, *used), (looks,) if rows else (), person="monitoring")


SECTIONS = (
    *(details, intended_use, factors, metrics, evaluation_data, training_data, analyses, ethics, caveats),
    *(oversight, monitoring),
)


def day(at: datetime) -> str:
    """A moment to the minute, with its zone said."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _made_by(known: OnRecord) -> list[tuple[str, str]]:
    lineage = known.version.lineage
    lines = []
    if lineage.notebook is not None:
        digest = f", sha256 {lineage.notebook.sha256}" if lineage.notebook.sha256 else ""
        lines.append(("notebook", f"{lineage.notebook.path or 'path unknown'} ({lineage.notebook.where}{digest})"))
    if lineage.slice is not None:
        whole = "" if lineage.slice.complete else ", incomplete"
        lines.append(("code", f"{len(lineage.slice.cells)} cells{whole}, sha256 {lineage.slice.sha256}"))
    if lineage.git is not None:
        dirty = {True: ", with uncommitted changes", False: "", None: ""}[lineage.git.dirty]
        lines.append(("commit", f"{lineage.git.commit or 'unknown'}{dirty}"))
    if lineage.environment is not None:
        there = lineage.environment
        learned = there.packages.get("scikit-learn")
        by = f", scikit-learn {learned}" if learned else ""
        lines.append(("environment", f"Python {there.python}{by}, {len(there.packages)} packages, {there.platform}"))
    return lines


def _assessed(known: OnRecord) -> list[tuple[str, str]]:
    level = known.model.assessment.get("suggested")
    return [("assessed", f"the answers suggest {level} stakes")] if level else []


def _answers(known: OnRecord) -> Lines:
    answers = known.model.assessment.get("answers") or {}
    return tuple((question.asks, str(answers[question.name])) for question in QUESTIONS if question.name in answers)


def _moved_most(row: WindowRow) -> str:
    """The column of a window that moved most, as it was recorded; empty where none was."""
    columns = [one for one in row.report.get("columns") or () if isinstance(one, list) and len(one) == 3]
    moved = [(float(effect), str(name)) for name, _, effect in columns if isinstance(effect, int | float)]
    effect, name = max(moved, default=(0.0, ""))
    return f"{name}, {effect:.1%} of rows" if name else ""


def _claim(row: ValidationRow) -> str:
    said = ", ".join(str(part) for _, part in sorted(row.claimed_ci.items()) if part)
    return f", in CI as it claims ({said})" if said else ""


def _not_held_out(known: OnRecord, row: ValidationRow) -> str:
    why = why_not_held_out(row.data, row.metrics, known.version.row.trained_on)
    return f"; {why}: no evidence" if why else ""


def _signed(known: OnRecord, vote: VoteRow) -> str:
    """What a vote was bound to."""
    seen = next((row.sequence for row in known.validations if row.event == vote.evidence), None)
    evidence = f"evidence #{seen}" if seen else "no evidence"
    other = "" if vote.digest == known.version.digest else " (other bytes than these)"
    return f"artifact {vote.digest[:12]}{other}, {evidence}, policy {vote.requirements[:12]}"


def _was(known: OnRecord, previous: int | None) -> str:
    return f" (was {known.version.name}@{previous})" if previous else ""


def _quote(said: str) -> str:
    return f", “{said}”" if said else ""
