"""All of a dossier on one page for screen and paper: A4, nothing folded, nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nb_mlops.core.page import page
from nb_mlops.core.validation import figures
from nb_mlops.notebook.html import (
    Html,
    badge,
    code,
    cut,
    facts,
    join,
    line,
    mark,
    muted,
    notes,
    table,
    tag,
    view,
    whole,
)
from nb_mlops.notebook.views.card import body, points
from nb_mlops.notebook.views.decision import requirements

if TYPE_CHECKING:
    from nb_mlops.core.decision import Decision
    from nb_mlops.core.dossier import DossierPage, Evidence
    from nb_mlops.core.validation import CheckResult

_RUN_ON = {"card", "evidence", "decisions", "files"}  # chapters that begin where the one before ends
_MOST_ROWS = 2_000  # of the history; all of it stands in the files

_STYLE = """
body{margin:0 auto;max-width:62em;padding:1.5em;background:#fff;color:#1a1a1a;font-family:system-ui,sans-serif}
.nbm.nbm.nbm.nbm{max-width:none}
.nbm.nbm.nbm.nbm h1{font-size:26px;font-weight:600;margin:0 0 .1em}
.nbm.nbm.nbm.nbm h2{font-size:19px;font-weight:600;margin:1.8em 0 .5em;padding-bottom:.2em;border-bottom:2px solid #444}
.nbm.nbm.nbm.nbm h3{font-size:14.5px;font-weight:600;margin:1.1em 0 .25em}
.nbm.nbm.nbm.nbm .contents{columns:2;list-style:none;padding:0;margin:.8em 0}
.nbm.nbm.nbm.nbm .contents a{color:inherit}
.nbm.nbm.nbm.nbm table{width:100%}
.nbm.nbm.nbm.nbm th,.nbm.nbm.nbm.nbm td{overflow-wrap:break-word;max-width:none}
.nbm.nbm.nbm.nbm .facts td{overflow-wrap:anywhere}
.nbm.nbm.nbm.nbm th{white-space:normal}
.nbm.nbm.nbm.nbm .facts{table-layout:fixed}
.nbm.nbm.nbm.nbm .facts th{width:14em}
.nbm.nbm.nbm.nbm pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:11px}
.nbm.nbm.nbm.nbm .small{font-size:10.5px;line-height:1.35}
.nbm.nbm.nbm.nbm .hash{font:10px/1.3 ui-monospace,monospace;display:block;max-width:20em}
@page{size:A4;margin:18mm 15mm 16mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt sans-serif}}
@media print{
body{max-width:none;padding:0;font-size:10pt}
.nbm.nbm.nbm.nbm h2{break-before:page;margin-top:0}
.nbm.nbm.nbm.nbm h2.on{break-before:auto;margin-top:1.6em}
.nbm.nbm.nbm.nbm h1,.nbm.nbm.nbm.nbm h2,.nbm.nbm.nbm.nbm h3{break-after:avoid}
.nbm.nbm.nbm.nbm tr,.nbm.nbm.nbm.nbm li{break-inside:avoid}
.nbm.nbm.nbm.nbm thead{display:table-header-group}
.nbm.nbm.nbm.nbm p{orphans:3;widows:3}
.nbm.nbm.nbm.nbm a{text-decoration:none}
}
""".replace("\n", "")


def dossier_page(value: DossierPage) -> Html:
    """The whole page."""
    label = f"dossier of {value.card.ref}"
    chapters = [
        ("card", "Model card", _card(value)),
        ("evidence", "Evidence", _evidence(value)),
        ("decisions", "Decisions", _decisions(value)),
        ("lineage", "Lineage", _lineage(value)),
        ("policy", "Policy", _policy(value)),
        ("history", "History", _history(value)),
        ("annex", "EU AI Act, Annex IV: where to look", points(value.card)),
        ("files", "Files", table(("file", "what it is"), ((tag("code", name), what) for name, what in value.files))),
    ]
    shown = view(_cover(value, chapters), *(_chapter(*one) for one in chapters), label=label)
    return Html(page(label, shown, _STYLE, scheme="light"))


def _cover(value: DossierPage, chapters: Iterable[tuple[str, str, Html]]) -> Html:
    details = dict(value.card.section("details").lines)
    known = ("estimator", "owner", "stakes", "registered", "sha256 of the artifact")
    purpose = dict(value.card.section("intended_use").lines).get("purpose", "")
    aliases = ", ".join(shown for what, shown in value.card.section("details").lines if what == "is")
    links = [tag("li", tag("a", title, href=f"#{key}")) for key, title, _ in chapters]
    missing = ", ".join(value.card.missing).replace("_", " ")
    card = f"nobody has written: {missing}" if missing else "all that only a person can say is written"
    return join(
        [
            tag("h1", f"Dossier of {value.card.ref}"),
            tag("p", muted(f"of {value.proof.state}")),
            facts(
                [
                    ("purpose", cut(purpose, 600)),
                    *((name, cut(details.get(name, ""), 300)) for name in known),
                    ("is", aliases or "no alias points to it"),
                    ("card", card),
                ]
            ),
            *(line(muted(note)) for note in value.notes),
            tag("ul", *links, class_="contents"),
        ]
    )


def _chapter(key: str, title: str, inner: Html) -> Html:
    return join([tag("h2", title, id=key, class_="on" if key in _RUN_ON else ""), inner])


def _card(value: DossierPage) -> Html:
    return join(join([tag("h3", one.title), body(one)]) for one in value.card.sections)


def _evidence(value: DossierPage) -> Html:
    if not value.evidence:
        return line("No validation is on record.")
    return join(_validation(one) for one in reversed(value.evidence))


def _validation(one: Evidence) -> Html:
    report = one.report
    good = sum(result.status == "passed" for result in report.results)
    verdict = badge(f"{good} of {len(report.results)} checks passed", "good" if report.passed else "bad")
    at = f"{report.measured_at:%Y-%m-%d %H:%M} UTC" if report.measured_at else ""
    named = f" named {report.data_name}" if report.data_name else ""
    seen = f"{report.not_held_out}: no evidence" if report.not_held_out else ""
    about = [
        ("by", f"{one.by}, {at}, {report.attempts()}"),
        ("CI", report.claim()),
        ("data", f"{report.rows:,} rows{named}, sha256 {report.data['sha256']}"),
        ("beware", seen),
    ]
    rows = [_result(result) for result in report.results]
    head = ("", "check", "measured", "limit", "")
    checks = table(head, rows, numeric=(2, 3), named=False, most=_MOST_ROWS)
    return join([tag("h3", f"Event {one.sequence} ", verdict), facts(about), checks, notes(report.notes)])


def _result(result: CheckResult) -> list[object]:
    tone = {"passed": "good", "failed": "bad"}.get(result.status, "plain")
    measured, limit = ("", "") if result.value is None else figures(result.value, result.limit)
    sign = mark("good" if tone == "good" else "bad" if tone == "bad" else "plain", result.status)
    asked = join([tag("code", cut(result.check, 300)), " (policy)" if result.required else None])
    return [sign, asked, measured, limit, cut(result.detail, 400)]


def _decisions(value: DossierPage) -> Html:
    oversight = value.card.section("oversight")
    rows = table(("what", "by whom, on what, why"), oversight.lines, most=_MOST_ROWS)
    told = rows if oversight.lines else line("Nobody has decided anything about it.")
    return join([tag("h3", "On record"), told, *(_gate(gate) for gate in value.gates)])


def _gate(gate: Decision) -> Html:
    verdict = badge(gate.state, "good" if gate.allowed else "bad")
    title = tag("h3", f"Gate to {gate.alias}, as it stood at the last event ", verdict)
    return join([title, requirements(gate) or line("Nothing is asked at these stakes.")])


def _lineage(value: DossierPage) -> Html:
    lineage = value.lineage
    parts: list[Html] = [code(lineage.to_text(), most=20_000)]
    if lineage.slice is not None:
        parts += [tag("h3", "The cells it came from"), code(lineage.slice.source, most=60_000)]
    if lineage.environment is not None:
        packages = ", ".join(f"{name} {version}" for name, version in sorted(lineage.environment.packages.items()))
        parts += [tag("h3", "Packages"), tag("p", cut(packages, 20_000), class_="small")]
    return join(parts)


def _policy(value: DossierPage) -> Html:
    return join(join([tag("h3", f"The policy {when}"), code(text, most=60_000)]) for when, text in value.policies)


def _history(value: DossierPage) -> Html:
    entries = value.history.entries
    holds = badge("the chain of hashes holds", "good") if value.history.whole else badge("the chain is broken", "bad")
    older = f"The newest {_MOST_ROWS:,} of {len(entries):,}: " if len(entries) > _MOST_ROWS else ""
    rows = (
        (
            str(entry.sequence),
            whole(f"{entry.at:%Y-%m-%d %H:%M}"),
            cut(entry.actor, 60),
            join([cut(entry.told, 300), f" “{cut(entry.said, 160)}”" if entry.said else ""]),
            tag("span", entry.hash, class_="hash"),
        )
        for entry in entries[-_MOST_ROWS:]
    )
    how = "Each event's bytes and hash stand in history/events.json; history/CHECK.md says how to check them."
    head = ("", "when (UTC)", "who", "what", "sha256")
    return join([line(holds, " ", f"{older}{how}"), line(value.proof.signed), table(head, rows, most=_MOST_ROWS)])
