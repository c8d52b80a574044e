"""The magics that make and measure: %%register, %register, %%validate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nb_mlops.core.errors import BadInput
from nb_mlops.notebook.arguments import Parsed, parse
from nb_mlops.notebook.interrupted import Interrupted
from nb_mlops.notebook.lookup import Dotted, Expression
from nb_mlops.notebook.vocabulary import REGISTER

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nb_mlops.core.rehearsal import Rehearsal
    from nb_mlops.core.validation import ValidationReport
    from nb_mlops.notebook.magics import Call


def begin_register(shell: InteractiveShell, line: str) -> Parsed:
    """The first line of a `%%register` cell: what is wrong with it is raised before anything is fitted."""
    parsed = parse(REGISTER, line, shell.user_ns)
    _check(parsed)
    return parsed


def end_register(shell: InteractiveShell, line: str, begun: object) -> object:
    """The last line of a `%%register` cell: the version."""
    parsed = begun if isinstance(begun, Parsed) else parse(REGISTER, line, shell.user_ns)
    return _register(shell, parsed)


def register(call: Call) -> object:
    """`%register churn`: the same for an estimator that is there already; what is wrong is found on the way."""
    try:
        return _register(call.shell, call.parsed)
    except KeyboardInterrupt:
        raise Interrupted(call.line.replace("--dry-run", "")) from None  # where in our code tells a person nothing


def validate(call: Call) -> ValidationReport:
    """Runs the check lines of the cell; a failed one raises after the report was shown."""
    from nb_mlops.actions.validate import validate as act

    parsed = call.parsed
    report = act(
        parsed.ref,
        call.body,
        data=parsed.resolve("data"),
        target=parsed.target,
        ignore=parsed.ignore,
        by=parsed.by or None,
        weight=parsed.resolve("weight"),
        scorers={scorer.text: scorer.resolve(call.names) for scorer in parsed.scorer},
        positive=parsed.positive,
        on=parsed.on,
        draft=parsed.draft,
        trust=parsed.trust,
        importance=not parsed.no_importance,
        names=Dotted(call.names),
        **call.registry(),
    )
    if not (report.passed or parsed.soft):
        from IPython.display import display

        display(report)  # type: ignore[no-untyped-call]  # IPython's own
        report.raise_if_failed()
    return report


def _check(parsed: Parsed) -> None:
    from nb_mlops.actions.register import preflight

    preflight(parsed.name, stakes=parsed.stakes, owner=parsed.owner, purpose=parsed.purpose, registry=parsed.registry)


def _register(shell: InteractiveShell, parsed: Parsed) -> object:
    from nb_mlops.actions.register import register as act
    from nb_mlops.actions.register import register_found

    model: Expression | None = parsed.model
    if parsed.dry_run:
        return _rehearse(parsed, model)
    if model is not None and parsed.names.get(model.root) is not shell.user_ns.get(model.root):
        version = act(model.resolve(parsed.names), parsed.name, **_given(parsed))  # a name of the function around us
    else:
        spelled = model.spelled(parsed.names) if model is not None else None
        version = register_found(parsed.name, model=spelled, **_given(parsed))
    if parsed.into:
        shell.user_ns[parsed.into] = version
    return version


def _rehearse(parsed: Parsed, model: Expression | None) -> Rehearsal:
    from nb_mlops.actions.rehearse import rehearse

    return rehearse(parsed.name, model=model.spelled(parsed.names) if model is not None else None, **_given(parsed))


def _given(parsed: Parsed) -> dict[str, Any]:
    """The options of `register`, as its keywords."""
    same = ("target", "ignore", "data_source", "stakes", "owner", "purpose", "format", "parent", "again", "registry")
    given = {key: parsed.values[key] for key in same}
    resolved = {key: parsed.resolve(key) for key in ("data", "metrics", "params")}
    return {
        **given,
        **resolved,
        "tags": dict(parsed.tag),
        "files": _files(parsed.file),
        "local_modules": tuple(parsed.module),
        "examples": not parsed.no_examples,
        "code": not parsed.no_code,
    }


def _files(paths: list[str]) -> dict[str, Path]:
    """Files by their own names; raises BadInput where two would have the same."""
    found: dict[str, Path] = {}
    for path in map(Path, paths):
        if path.name in found:
            raise BadInput(f"--file: there are two files named {path.name!r}.", "Rename one of them.")
        found[path.name] = path
    return found
