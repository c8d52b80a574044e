"""The controls of our forms: the one file that speaks to ipywidgets, which is imported when a form is opened.

What is typed stays text: descriptions and options of ipywidgets are shown as text unless `description_allow_html` is
set, which nobody does here, and `show` takes `Html` only, which escapes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any

from nb_mlops.notebook.html import Html, join, sheet

Control = Any  # a widget of ipywidgets, which ships no types

WIDE, MEDIUM, SHORT = "42em", "22em", "11em"

# A label above its field, so that a row of fields reads as a row; the colours are JupyterLab's and ipywidgets' own.
_SHEET = """
.nbm-form{max-width:72em;padding:.2em 0}
.nbm-form .widget-inline-hbox{flex-direction:column;align-items:stretch;height:auto}
.nbm-form .widget-inline-hbox>.widget-label{width:auto;text-align:left;line-height:1.5;height:auto;margin:0;\
padding:0;font-size:12px;color:var(--jp-ui-font-color2,inherit)}
.nbm-form .widget-inline-hbox>input,.nbm-form .widget-inline-hbox>select,.nbm-form .widget-inline-hbox>textarea\
{width:100%;flex:0 0 auto}
.nbm-form .widget-text>input,.nbm-form .widget-dropdown>select{height:var(--jp-widgets-inline-height,28px)}
.nbm-form .widget-html{margin:0}.nbm-form .widget-html>.widget-html-content{line-height:1.45}
.nbm-form textarea.nbm-copy{display:block;box-sizing:border-box;width:100%;max-width:62em;resize:vertical;\
padding:.5em .7em;border:1px solid rgba(128,128,128,.4);background:rgba(128,128,128,.1);color:inherit;\
font:12px/1.5 var(--jp-code-font-family,ui-monospace,monospace)}
.nbm-form .jupyter-button:disabled{opacity:1;color:var(--jp-ui-font-color2,inherit);background:transparent;\
border:1px dashed var(--jp-border-color1,currentColor)}
.nbm-form .widget-html-content{overflow-x:auto;overflow-wrap:anywhere}
.nbm-form .jupyter-button:focus-visible,.nbm-form input:focus-visible,.nbm-form select:focus-visible,\
.nbm-form textarea:focus-visible{outline:2px solid var(--jp-brand-color1,#1976d2);outline-offset:1px}
"""


def frame(children: Iterable[Control]) -> Control:
    """The form as one widget."""
    made = _widgets().VBox(tuple(children))
    made.add_class("nbm-form")
    return made


def row(*children: Control, bottom: bool = True) -> Control:
    """Controls beside each other; they wrap where the page is narrow."""
    align = "flex-end" if bottom else "flex-start"
    return _widgets().HBox(children, layout={"flex_flow": "row wrap", "align_items": align})


def column(*children: Control, width: str = "auto", margin: str = "0", grows: bool = False) -> Control:
    """Controls below each other; one that grows takes what a row leaves it, or goes below where that is too narrow."""
    flex = {"flex": f"1 1 {width}", "min_width": "0"} if grows else {"width": width}
    return _widgets().VBox(children, layout=flex | {"margin": margin})


def show(*parts: Html | None) -> Control:
    """Markup that this project made."""
    return _widgets().HTML(value=markup(*parts))


def style(more: str) -> Control:
    """The stylesheet of a form (with these rules of ours), as a control that shows nothing."""
    return _widgets().HTML(value=str(sheet(_SHEET + more)), layout={"display": "none"})


def markup(*parts: Html | None) -> str:
    """The parts as a value for `show`ing; TypeError where one of them is not `Html`."""
    if not all(isinstance(part, Html) for part in parts if part is not None):
        raise TypeError("only Html is shown as markup")
    return str(join(parts))


def line(label: str, value: str = "", *, hint: str = "", width: str = MEDIUM) -> Control:
    """One line of text."""
    return _widgets().Text(value=value, description=label, placeholder=hint, layout=_wide(width))


def lines(label: str, value: str = "", *, hint: str = "", rows: int = 2, width: str = WIDE) -> Control:
    """Several lines of text."""
    return _widgets().Textarea(value=value, description=label, placeholder=hint, rows=rows, layout=_wide(width))


def suggested(label: str, options: Iterable[str], value: str = "", *, hint: str = "", width: str = MEDIUM) -> Control:
    """One line of text that completes from `options`, and takes others."""
    known = tuple(dict.fromkeys(option for option in options if option))
    made = _widgets().Combobox(options=known, description=label, placeholder=hint, layout=_wide(width))
    made.ensure_option = False
    made.value = value
    return made


def number(label: str, value: float, *, width: str = SHORT) -> Control:
    """A number."""
    return _widgets().FloatText(value=value, description=label, layout=_wide(width), step=0.005)


def choice(label: str, options: Sequence[str] | Sequence[tuple[str, Any]], *, width: str = MEDIUM) -> Control:
    """One of `options`, the first to begin with. No value may be None: to ipywidgets that is no choice at all."""
    return _widgets().Dropdown(options=list(options), description=label, layout=_wide(width))


def listed(label: str, options: Sequence[str] | Sequence[tuple[str, Any]], *, rows: int = 8) -> Control:
    """One of `options`, all of them in sight; none is chosen yet."""
    made = _widgets().Select(options=list(options), description=label, rows=rows, layout=_wide("100%"))
    made.value = None
    return made


def offer(control: Control, options: Sequence[tuple[str, Any]], *, first: bool = False) -> None:
    """Gives a choice new options, the first of them or none being chosen."""
    control.index = None  # else ipywidgets keeps the value of an option that is gone
    control.options = list(options)
    control.index = 0 if first and options else None


def button(label: str, act: Callable[[], object], *, tone: str = "", about: str = "") -> Control:
    """A button that does `act`."""
    made = _widgets().Button(description=label, button_style=tone, tooltip=about, layout={"width": "auto"})
    made.on_click(lambda _: act())
    return made


def watch(control: Control, heard: Callable[[], object]) -> None:
    """Calls `heard` whenever the control's value changes."""
    control.observe(lambda _: heard(), names="value")


def close(control: Control) -> None:
    """Ends a control and all in it, in the kernel and on the page; a button lives on for a second click to find."""
    for child in getattr(control, "children", ()):
        close(child)
    if not isinstance(control, _widgets().Button):
        control.close()


def _wide(width: str) -> dict[str, str]:
    return {"width": width, "max_width": "98%"}


def _widgets() -> Any:
    return import_module("ipywidgets")
