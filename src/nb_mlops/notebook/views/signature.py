"""A signature: the columns a model takes, with kinds, ranges and values, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.notebook.html import Html, cut, facts, heading, muted, table, tag, view

if TYPE_CHECKING:
    from nb_mlops.core.signature import Column, Output, Signature

_MOST_VALUES = 12
_KINDS = {"number": "a number", "numbers": "numbers", "transform": "a transformed table", "unknown": "unknown"}


def signature(value: Signature) -> Html:
    """The signature as a table of columns."""
    count = len(value.columns)
    title = f"{count:,} column{'' if count == 1 else 's'} in"
    return view(
        heading(title),
        table(["column", "kind", "type", "nulls", "range or values"], map(_row, value.columns)),
        facts([("answers", answers(value.output))]),
        label="signature",
    )


def answers(output: Output) -> str:
    """What the model gives, in words."""
    if output.kind != "classes":
        return _KINDS.get(output.kind, output.kind)
    shown = ", ".join(cut(name, 30) for name in output.classes[:_MOST_VALUES])
    more = f" and {len(output.classes) - _MOST_VALUES} more" if len(output.classes) > _MOST_VALUES else ""
    return f"classes {shown}{more}" + (f" (positive: {cut(output.positive, 30)})" if output.positive else "")


def _row(column: Column) -> list[object]:
    nulls = "had some" if column.nullable else muted("none")
    return [cut(column.name, 60), column.kind, tag("code", cut(column.dtype, 30)), nulls, _held(column)]


def _held(column: Column) -> str:
    if column.categories is not None:
        more = f" and {len(column.categories) - _MOST_VALUES} more" if len(column.categories) > _MOST_VALUES else ""
        return ", ".join(cut(value, 30) for value in column.categories[:_MOST_VALUES]) + more
    return f"{column.low:,.6g} to {column.high:,.6g}" if column.low is not None and column.high is not None else ""
