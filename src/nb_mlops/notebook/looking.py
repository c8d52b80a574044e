"""The magics that look: %models, %versions, %compare, %lineage, %audit, %card, %drift. Only %%card changes anything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nb_mlops.core.errors import BadInput

if TYPE_CHECKING:
    from nb_mlops.core.drift import DriftReport
    from nb_mlops.notebook.magics import Call


@dataclass(frozen=True, slots=True, repr=False)
class Interactive:
    """A report and its Plotly figure (`.figure`), shown as the first of them that a front end can."""

    report: DriftReport
    figure: Any  # plotly ships no types

    def __repr__(self) -> str:
        return repr(self.report)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """The figure for those who draw Plotly; the report for saved pages, untrusted notebooks and terminals."""
        figure = json.loads(self.figure.to_json())
        return {"application/vnd.plotly.v1+json": figure, **self.report._repr_mimebundle_(include, exclude)}


def models(call: Call) -> object:
    """The models of the registry."""
    from nb_mlops.actions.look import models as act

    return act(" ".join(call.parsed.words) or None, **call.registry())


def versions(call: Call) -> object:
    """The versions of a model."""
    from nb_mlops.actions.look import versions as act

    parsed = call.parsed
    return act(parsed.model, where=parsed.where, sort=parsed.sort, top=parsed.top, **call.registry())


def lineage(call: Call) -> object:
    """What produced a version."""
    from nb_mlops.actions.look import lineage as act

    return act(call.parsed.ref, **call.registry())


def audit(call: Call) -> object:
    """The history of a model or a version; with --as-of what stood behind an alias on a day."""
    from nb_mlops.actions.as_of import as_of, refuse_beside
    from nb_mlops.actions.audit import audit as act

    parsed = call.parsed
    asked = {"since": parsed.since, "until": parsed.until, "who": parsed.who, "kind": parsed.kind or None}
    if parsed.as_of:
        refuse_beside({**asked, "export": parsed.export})
        return as_of(parsed.ref, parsed.as_of, **call.registry())
    told = act(parsed.ref, **asked, **call.registry())
    if parsed.export:
        told.export(parsed.export)
    return told


def compare(call: Call) -> object:
    """Versions side by side."""
    from nb_mlops.actions.compare import compare as act

    return act(*call.parsed.refs, **call.registry())


def card(call: Call) -> object:
    """The model card; with a body (`%%card`), what it says is written first."""
    from nb_mlops.actions import card as act

    parsed = call.parsed
    if parsed.template:
        return _fill_in(call, act.card_template(parsed.ref, **call.registry()))
    if call.is_cell:
        wanted = {parsed.section: call.body} if parsed.section else call.body
        return act.edit_card(parsed.ref, wanted, **call.registry())
    if parsed.section:
        raise BadInput("%card shows the whole card.", "To write a section: %%card, with its text below.")
    return act.card(parsed.ref, **call.registry())


def _fill_in(call: Call, template: str) -> object:
    """Puts the template into a new cell below; says so for those whose front end has none."""
    from nb_mlops.notebook.about import Help

    ref = call.parsed.ref or ""
    call.shell.set_next_input(f"%%card {ref}".rstrip() + f"\n{template}")
    return Help("A %%card cell to fill in stands below; run it to write what it says.", ())


def drift(call: Call) -> object:
    """A table against the baseline; with --interactive its Plotly figure, too."""
    from nb_mlops.actions.drift import drift as act

    parsed = call.parsed
    report = act(
        parsed.ref,
        parsed.resolve("table"),
        time=parsed.time,
        every=parsed.every,
        by=parsed.by,
        record=parsed.record,
        **call.registry(),
    )
    return Interactive(report, report.figure()) if parsed.interactive else report
