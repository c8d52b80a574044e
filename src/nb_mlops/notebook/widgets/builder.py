"""The form that writes a `%%validate` cell: it shows the text live and puts it below; it runs none of it.

A button's click cannot make a cell: front ends take `set_next_input` with the answer to a cell that runs. So the click
keeps the text, and running the form's cell once more (or `form.write()` in any cell) puts it below that cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from nb_mlops.actions.look import get, versions
from nb_mlops.actions.registry import Registry
from nb_mlops.actions.session import session
from nb_mlops.core.check_cell import ALL_ROWS, OVER, SIGNS, CheckCell, Picked, typed_lines, usual_metrics
from nb_mlops.core.errors import BadInput, NbMlopsError
from nb_mlops.core.measures import is_bare
from nb_mlops.core.ref import Ref
from nb_mlops.core.shown import Shown
from nb_mlops.core.version import Version
from nb_mlops.notebook.arguments import parse
from nb_mlops.notebook.html import heading, line, muted, tag, view
from nb_mlops.notebook.lookup import Dotted
from nb_mlops.notebook.vocabulary import VALIDATE
from nb_mlops.notebook.widgets import inputs
from nb_mlops.notebook.widgets.form import Form

_MOST_VERSIONS = 50  # offered; others can be typed
_MOST_CHECKS = 50
_THIRD = "18.5em"
_LINE = 85  # characters that stand beside each other where the cell is shown
_LIMIT, _MARGIN = 0.5, 0.005  # to begin with

# What waits to be put below the cell of a form that is run once more: (registry, ref as it was given) -> cell
_waiting: dict[tuple[str, str | None], CheckCell] = {}


class CheckBuilder(Form):
    """Write checks; `result` is the CheckCell."""

    def __init__(self, registry: Registry, ref: str | None) -> None:
        super().__init__(registry)
        self._key = (registry.address, ref)
        self.version: Version = get(ref, registry=registry)
        self.title = f"checks of {self.version.ref}"
        self.magic = f"%%validate {self.version.ref} --data X_test,y_test"
        self.result = self._put_waiting()

    def static(self) -> Shown:
        """The cell as the form opens with it."""
        return CheckCell.of(self.version.ref, self.magic, [str(Picked(self._metrics()[0], amount=_LIMIT).check())])

    def fields(self) -> Iterable[inputs.Control]:
        """Version and data, the checks, lines typed, the cell, three buttons."""
        refs = [found.ref for found in versions(self.version.name, top=_MOST_VERSIONS, registry=self.registry)]
        title = view(heading("Write checks", muted("nothing here runs them")), label="write checks")
        self.ref = inputs.suggested("Version", refs, self.version.ref, width=_THIRD)
        self.data = inputs.suggested("Held-out data", self._tables(), "X_test,y_test", width=_THIRD)
        self.segments = inputs.suggested("Segments by column", self._columns(), hint="none", width=_THIRD)
        self.rows: list[CheckRow] = []
        self.checks = inputs.column()
        self.typed = inputs.lines("More check lines, as you would type them", hint="mae <= production.mae * 1.1")
        self.preview = inputs.show()
        self.write_button = inputs.button("Put it below", lambda: self.act(self._kept), tone="primary")
        self.add = inputs.button("Add a check", lambda: self.add_check())
        self.buttons = [self.write_button]
        for control in (self.ref, self.data, self.segments, self.typed):
            inputs.watch(control, self.refresh)
        self.add_check(Picked(self._metrics()[0], amount=_LIMIT))
        top = inputs.row(self.ref, self.data, self.segments)
        return [
            inputs.show(title),
            top,
            self.checks,
            inputs.row(self.add),
            self.typed,
            self.preview,
            inputs.row(*self.buttons),
        ]

    def add_check(self, picked: Picked | None = None) -> CheckRow | None:
        """One more row; None where there are as many as one cell takes."""
        if len(self.rows) >= _MOST_CHECKS:
            self.say(line(f"That are {_MOST_CHECKS} checks.", tone="bad"), line("Type more into the field below."))
            return None
        made = CheckRow(self, picked or Picked(""), self._metrics())
        self._set_rows([*self.rows, made])
        return made

    def take_away(self, gone: CheckRow) -> None:
        """The same without that row."""
        self._set_rows([row for row in self.rows if row is not gone])
        inputs.close(gone.control)

    def refresh(self) -> None:
        """Shows the cell as it would be written now, or what is still wrong with it."""
        try:
            text = self.cell().text
        except NbMlopsError as error:
            self.write_button.disabled = True
            said = line(f"{error.message} {error.hint}")
            self.preview.value = inputs.markup(view(said, label="the cell"))
            return
        self.write_button.disabled = self.result is not None
        rows = str(min(sum(1 + len(each) // _LINE for each in text.splitlines()), 16))
        area = tag(
            "textarea", text, readonly="readonly", rows=rows, aria_label="The cell", data_lm_suppress_shortcuts="true",
            class_="nbm-copy", spellcheck="false",
        )  # fmt: skip
        self.preview.value = inputs.markup(
            view(line(muted("The cell, to copy or to put below:")), area, label="the cell")
        )

    def cell(self) -> CheckCell:
        """The cell of what is picked and typed now; raises BadInput."""
        ref, column = self.ref.value.strip(), self.segments.value.strip()
        Ref.parse(ref)
        picked = [str(row.picked().check(column)) for row in self.rows]
        typed = typed_lines(self.typed.value, Dotted(session().namespace))
        return CheckCell.of(ref, header(ref, self.data.value.strip(), column), [*picked, *typed])

    def write(self) -> CheckCell:
        """Puts the cell below the cell that runs this; gives what was written."""
        if self.result is None and self.root is None:
            raise BadInput("There is nothing to write: no form was open.", f"Write it yourself: {self.magic}")
        put = _put(self.result if isinstance(self.result, CheckCell) else self.cell())
        _waiting.pop(self._key, None)
        self.finish(put)
        return put

    def _kept(self) -> Shown:
        written = self.cell()
        _waiting[self._key] = written
        return written

    def _put_waiting(self) -> CheckCell | None:
        """What the form of this cell has written, put below it now; None where nothing waits."""
        written = _waiting.pop(self._key, None)
        return None if written is None else _put(written)

    def _set_rows(self, rows: list[CheckRow]) -> None:
        self.rows = rows
        self.checks.children = tuple(row.control for row in rows)
        self.refresh()

    def _metrics(self) -> list[str]:
        """Names to offer: the usual ones for what the model gives, and those it reports."""
        output = self.version.signature.output if self.version.signature else None
        usual = usual_metrics(output.kind, len(output.classes)) if output else usual_metrics("unknown")
        return list(dict.fromkeys([*usual, *(name for name in self.version.metrics if is_bare(name))]))

    def _columns(self) -> list[str]:
        return [column.name for column in self.version.signature.columns] if self.version.signature else []

    def _tables(self) -> list[str]:
        """Pairs of the notebook's variables that look like held-out data, and tables."""
        names = [name for name, value in session().namespace.items() if _is_table(value) and name[:1] != "_"]
        pairs = [f"{x},{y}" for x in names for y in names if x[:1] == "X" and y == f"y{x[1:]}"]
        return [*pairs, *names]


class CheckRow:
    """One check of the builder: what is measured where, held against what."""

    def __init__(self, builder: CheckBuilder, picked: Picked, metrics: Iterable[str]) -> None:
        self.metric = inputs.suggested("Metric", metrics, picked.metric, width="13em")
        self.over = inputs.choice("Measured", list(OVER), width="15em")
        self.sign = inputs.choice("Is", list(SIGNS), width="4.5em")
        self.against = inputs.choice(
            "Limit", [("a number", ""), ("production, by a margin", "production")], width="15em"
        )
        self.amount = inputs.number("Number", picked.amount, width="6.5em")
        self.over.value, self.sign.value, self.against.value = picked.over, picked.sign, picked.alias or ""
        self.gone = inputs.button("Take away", lambda: builder.take_away(self))
        fields = (self.metric, self.over, self.sign, self.against, self.amount)
        for field in fields:
            inputs.watch(field, builder.refresh)
        inputs.watch(self.against, self._fresh_amount)
        self.control = inputs.row(*fields, self.gone)

    def _fresh_amount(self) -> None:
        """A limit is no margin: what was there is not carried over."""
        self.amount.value = _MARGIN if self.against.value else _LIMIT

    def picked(self) -> Picked:
        """What is picked now."""
        return Picked(
            self.metric.value,
            self.over.value or ALL_ROWS,
            self.sign.value,
            self.amount.value,
            self.against.value or None,
        )


def header(ref: str, data: str, column: str) -> str:
    """The cell's first line, as the magic itself reads it back; raises BadInput for what would be read otherwise."""
    shown = column if is_bare(column) else f"'{column}'" if '"' in column else f'"{column}"'
    text = f"%%validate {ref} --data {data or 'X_test,y_test'}" + (f" --by {shown}" if column else "")
    read = parse(VALIDATE, text.removeprefix("%%validate"))
    same = read.ref == ref and read.data.text == (data or "X_test,y_test") and read.by == ([column] if column else [])
    if not same or not text.isprintable():
        raise BadInput(
            "That does not make the first line of a cell.", "Data such as X_test,y_test; a column by its name."
        )
    return text


def _is_table(value: object) -> bool:
    """Whether it has a shape and a length; its class is asked, so that nothing of the user's runs."""
    return all(hasattr(type(value), name) for name in ("shape", "__len__"))


def _put(written: CheckCell) -> CheckCell:
    shell = session().shell
    if shell is None:
        raise BadInput("There is no notebook to write into.", "Copy the text: str(form.result).")
    shell.set_next_input(written.text, replace=False)
    return replace(written, is_put=True)
