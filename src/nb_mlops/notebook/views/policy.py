"""A policy as a table of what each level asks before each alias, its file folded; and what changes with another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.core.policy.file import write_policy
from nb_mlops.notebook.html import (
    Html,
    badge,
    code,
    cut,
    fold,
    heading,
    join,
    line,
    mark,
    muted,
    notes,
    table,
    tag,
    view,
)

if TYPE_CHECKING:
    from nb_mlops.core.policy import Level, Policy, Requirements
    from nb_mlops.core.policy.change import PolicyChange, PolicyText


def policy(text: PolicyText) -> Html:
    """What is asked."""
    held = text.policy
    teams = [(f"{team}: {stakes}", level) for team, levels in held.teams.items() for stakes, level in levels.items()]
    rows = [_row(name, level) for name, level in [*held.levels.items(), *teams]]
    return view(
        heading("policy", badge(text.since or "the default")),
        tag("p", muted(text.where)),
        notes(text.notes),
        table(["stakes", "at registration", "before an alias moves"], rows),
        _people(held),
        fold("as a file", code(write_policy(held), most=20_000)),
        label="policy",
    )


def change(found: PolicyChange) -> Html:
    """What asks for more, and what for less."""
    tone = {"applied": "good", "asked for": "warn"}.get(found.state, "plain")
    rows = [
        [mark("good", "asks more") if sign == "+" else mark("warn", "asks less"), tag("code", where), was, becomes]
        for sign, where, was, becomes in found.lines()
    ]
    told = table(["", "where", "was", "becomes"], rows, named=False) if rows else line("Nothing differs.")
    return view(
        heading("policy", badge(found.state, tone)),  # type: ignore[arg-type]  # the tones of the table above
        told,
        notes(found.notes),
        label="change of policy",
    )


def _row(name: str, level: Level) -> list[object]:
    asked = level.to_dict()
    aliases = asked.pop("aliases")
    first = ", ".join(_said(key, value) for key, value in asked.items()) or muted("nothing")
    each = [_alias(alias, level.aliases[alias]) for alias in aliases]
    return [name, first, join(each, "") if each else muted("nothing")]


def _alias(alias: str, asks: Requirements) -> Html:
    said = ", ".join(_said(key, value) for key, value in asks.to_dict().items())
    return tag("div", tag("b", alias), ": ", said or muted("nothing"))


def _said(key: str, value: object) -> str:
    words = key.replace("_", " ")
    if value is True:
        return words
    shown = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{words}: {cut(shown, 200)}"


def _people(held: Policy) -> Html | None:
    roles = held.roles.to_dict()
    lines = [f"{role}: {cut(', '.join(names), 300)}" for role, names in roles.items()]
    lines += [
        f"{team} {role}: {cut(', '.join(names), 300)}"
        for team, given in held.team_roles.items()
        for role, names in given.to_dict().items()
    ]
    lines += [f"one person: {cut(', '.join(group), 300)}" for group in held.people[:20]]
    return tag("ul", *(tag("li", one) for one in lines)) if lines else None
