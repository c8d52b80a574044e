"""From a notebook cell to a governed model in production, and back when it drifts, without leaving Jupyter.

    core  <──  storage      <──┐
      ^  <──   formats      <──┤
      ^  <──   capture      <──┼── actions <── notebook · server · cli
      ^  <──   evaluation   <──┤
      └─ <──   profiling    <──┘

`actions/` says what the program does, `core/` what it talks about; every face is a thin skin over the same actions.
This front door hands on the verbs, `nb_mlops.register(model, "churn")`, and imports each when it is first used:
every Jupyter server imports this file at its start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nb_mlops.core.shown import Shown, export_with, figure_with, render_with

if TYPE_CHECKING:
    from nb_mlops import errors
    from nb_mlops.actions.approve import approve, reject, request
    from nb_mlops.actions.as_of import as_of
    from nb_mlops.actions.assess import assess
    from nb_mlops.actions.audit import audit, verify
    from nb_mlops.actions.card import card, edit_card
    from nb_mlops.actions.checkpoint import checkpoint
    from nb_mlops.actions.compare import compare
    from nb_mlops.actions.connect import connect
    from nb_mlops.actions.data import name_data, named_data
    from nb_mlops.actions.describe import describe, discard, note, tag
    from nb_mlops.actions.dossier import dossier
    from nb_mlops.actions.drift import drift, profile
    from nb_mlops.actions.findings import close_finding, findings, open_finding, review
    from nb_mlops.actions.gate import gate
    from nb_mlops.actions.load import check_table, doctor, load
    from nb_mlops.actions.look import get, lineage, models, versions
    from nb_mlops.actions.pending import pending
    from nb_mlops.actions.policy import apply_policy, check_policy, diff_policy, policy
    from nb_mlops.actions.promote import promote
    from nb_mlops.actions.register import register
    from nb_mlops.actions.retire import retire
    from nb_mlops.actions.rollback import rollback
    from nb_mlops.actions.run import run
    from nb_mlops.actions.status import status
    from nb_mlops.actions.validate import validate
    from nb_mlops.notebook import widgets

__version__ = "0.1.0"

# verb -> the module of `actions` that holds it
_VERBS = {
    "apply_policy": "policy",
    "approve": "approve",
    "as_of": "as_of",
    "assess": "assess",
    "audit": "audit",
    "card": "card",
    "check_policy": "policy",
    "check_table": "load",
    "checkpoint": "checkpoint",
    "close_finding": "findings",
    "compare": "compare",
    "connect": "connect",
    "describe": "describe",
    "diff_policy": "policy",
    "discard": "describe",
    "doctor": "load",
    "dossier": "dossier",
    "drift": "drift",
    "edit_card": "card",
    "findings": "findings",
    "gate": "gate",
    "get": "look",
    "lineage": "look",
    "load": "load",
    "models": "look",
    "name_data": "data",
    "named_data": "data",
    "note": "describe",
    "open_finding": "findings",
    "pending": "pending",
    "policy": "policy",
    "profile": "drift",
    "promote": "promote",
    "register": "register",
    "reject": "approve",
    "request": "approve",
    "retire": "retire",
    "review": "findings",
    "rollback": "rollback",
    "run": "run",
    "status": "status",
    "tag": "describe",
    "validate": "validate",
    "verify": "audit",
    "versions": "look",
}

_ROOMS = {"errors": "nb_mlops.errors", "widgets": "nb_mlops.notebook.widgets"}

__all__ = [
    "apply_policy",
    "approve",
    "as_of",
    "assess",
    "audit",
    "card",
    "check_policy",
    "check_table",
    "checkpoint",
    "close_finding",
    "compare",
    "connect",
    "describe",
    "diff_policy",
    "discard",
    "doctor",
    "dossier",
    "drift",
    "edit_card",
    "errors",
    "findings",
    "gate",
    "get",
    "lineage",
    "load",
    "models",
    "name_data",
    "named_data",
    "note",
    "open_finding",
    "pending",
    "policy",
    "profile",
    "promote",
    "register",
    "reject",
    "request",
    "retire",
    "review",
    "rollback",
    "run",
    "status",
    "tag",
    "validate",
    "verify",
    "versions",
    "widgets",
]


def __getattr__(name: str) -> Any:
    """A verb, or a room of its own, imported when first used."""
    if name in _ROOMS:
        return import_module(_ROOMS[name])
    if name in _VERBS:
        return getattr(import_module(f"nb_mlops.actions.{_VERBS[name]}"), name)
    raise AttributeError(f"module 'nb_mlops' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext nb_mlops` calls."""
    from nb_mlops.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext nb_mlops` calls."""
    from nb_mlops.notebook.extension import unload

    unload(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "_labextension", "dest": "@nb-mlops/labextension"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "nb_mlops.server"}]


def _html(value: object) -> str | None:
    from nb_mlops.notebook.views import html_of

    return html_of(value)


def _figure(value: object) -> Any:
    from nb_mlops.notebook.figures import figure_of

    return figure_of(value)


def _export(value: Shown, path: str) -> None:
    from nb_mlops.notebook.export import export

    export(value, path)


render_with(_html)
figure_with(_figure)
export_with(_export)
