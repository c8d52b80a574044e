"""A drift report as an interactive figure: heat map (for one window, ranked bars) above a distribution.

Made from the report's bins, never from points, so it stays small. Greys and tones are half-way between white and black,
on a transparent ground: readable in both themes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nb_mlops.core.errors import Unsupported

if TYPE_CHECKING:
    from nb_mlops.core.drift import DriftReport

MOST_COLUMNS = 40
MOST_LINES = 24
_GREY, _FAINT, _BAD = "#808080", "rgba(128,128,128,0.25)", "#d2433b"
_SHADES = [[0.0, "rgba(128,128,128,0.06)"], [0.35, "rgba(128,128,128,0.45)"], [1.0, "rgba(210,67,59,0.85)"]]


def figure(value: DriftReport) -> Any:
    """The figure; raises Unsupported where plotly is not installed."""
    try:
        from plotly.subplots import make_subplots
    except ImportError as error:
        raise Unsupported("Interactive figures need plotly.", "pip install plotly") from error
    shown = next((name for name, column in value.columns.items() if column.shape is not None), None)
    titles = [
        "share of rows that moved",
        f"{_plain(shown)}: baseline (filled) and windows" if shown is not None else "",
    ]
    drawn = make_subplots(rows=2, cols=1, subplot_titles=titles, row_heights=[0.62, 0.38], vertical_spacing=0.14)
    for trace in _heat_map(value) if len(value.windows) > 1 else _bars(value):
        drawn.add_trace(trace, row=1, col=1)
    for trace in _distribution(value, shown) if shown is not None else ():
        drawn.add_trace(trace, row=2, col=1)
    height = 360 + 18 * min(len(value.order), MOST_COLUMNS)
    drawn.update_layout(
        template="none",
        title=_plain(value.headline),
        height=height,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": _GREY, "size": 12},
        margin={"l": 150, "r": 110, "t": 70, "b": 50},
        legend={"x": 1.01, "y": 0, "yanchor": "bottom", "font": {"size": 10}},
        bargap=0,
        hoverlabel={"font": {"color": "white"}, "bgcolor": "#444"},
    )
    drawn.update_xaxes(gridcolor=_FAINT, linecolor=_GREY, zeroline=False)
    drawn.update_yaxes(gridcolor=_FAINT, linecolor=_GREY, zeroline=False)
    drawn.update_yaxes(autorange="reversed", dtick=1, row=1, col=1, showgrid=False)
    if len(value.windows) > 1:
        drawn.update_xaxes(type="category", row=1, col=1, showgrid=False)
    else:
        drawn.update_xaxes(tickformat=".0%", row=1, col=1)
    drawn.update_yaxes(tickformat=".0%", row=2, col=1)
    return drawn


def _heat_map(value: DriftReport) -> list[Any]:
    from plotly import graph_objects as go

    names, labels = value.order[:MOST_COLUMNS], [_plain(window.label) for window in value.windows]
    rows = [[window.columns.get(name) for window in value.windows] for name in names]
    shares = [[round(column.effect, 4) if column is not None else None for column in row] for row in rows]
    said = [[_plain(column.sentence) if column is not None else "" for column in row] for row in rows]
    alarms = [
        (labels[at], _plain(name))
        for name, row in zip(names, rows, strict=True)
        for at, column in enumerate(row)
        if column is not None and column.alarm
    ]
    return [
        go.Heatmap(
            x=labels,
            y=[_plain(name) for name in names],
            z=shares,
            text=said,
            zmin=0,
            zmax=min(max(0.2, value.largest_effect), 0.5),
            colorscale=_SHADES,
            showscale=False,
            xgap=1,
            ygap=1,
            hovertemplate="%{y}, %{x}<br>%{text}<extra></extra>",
        ),
        go.Scatter(
            x=[x for x, _ in alarms],
            y=[y for _, y in alarms],
            mode="markers",
            marker={"symbol": "diamond", "size": 8, "color": _BAD, "line": {"color": "white", "width": 1}},
            name="alarm",
            hoverinfo="skip",
            showlegend=False,
        ),
    ]


def _bars(value: DriftReport) -> list[Any]:
    from plotly import graph_objects as go

    columns = list(value.columns.items())[:MOST_COLUMNS]
    return [
        go.Bar(
            y=[_plain(name) for name, _ in columns],
            x=[round(column.effect, 4) for _, column in columns],
            text=["◆ alarm" if column.alarm else "" for _, column in columns],
            hovertext=[_plain(column.sentence) for _, column in columns],
            hovertemplate="%{y}<br>%{hovertext}<extra></extra>",
            marker={"color": [_BAD if column.alarm else _GREY for _, column in columns]},
            orientation="h",
            showlegend=False,
        )
    ]


def _distribution(value: DriftReport, name: str) -> list[Any]:
    from plotly import graph_objects as go

    found = [(window.label, window.columns[name]) for window in value.windows if name in window.columns]
    shapes = [(label, column, column.shape) for label, column in found[-MOST_LINES:] if column.shape is not None]
    first = shapes[0][2]
    if first is None:
        return []
    at: list[Any] = [_plain(label) for label in first.labels] or [
        (low + high) / 2 for low, high in zip(first.edges, first.edges[1:], strict=False)
    ]
    traces: list[Any] = [
        go.Bar(x=at, y=list(first.before), name="baseline", marker={"color": _FAINT, "line": {"width": 0}})
    ]
    for label, column, shape in shapes:
        if shape is None or len(shape.now) != len(at):
            continue
        traces.append(
            go.Scatter(
                x=at,
                y=list(shape.now),
                mode="markers" if first.labels else "lines",
                name=_plain(label) + (" ◆" if column.alarm else ""),
                line={"color": _BAD if column.alarm else _GREY, "width": 1.6 if column.alarm else 1},
            )
        )
    return traces


def _plain(text: str) -> str:
    """Text that Plotly shows as it is: it reads <b>, <a href> and the like in labels, so these are spelt out."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in text)
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
