"""The verbs of %mlops that govern: policy, stakes, finding, review, retire, data, dossier. Each is one action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nb_mlops.core.errors import BadInput
from nb_mlops.notebook.lookup import Expression
from nb_mlops.notebook.words import asked, no_more, words_of

if TYPE_CHECKING:
    from nb_mlops.notebook.magics import Call


def pending(call: Call) -> object:
    """`%mlops pending`."""
    from nb_mlops.actions.pending import pending as act

    words_of(call, most=0)
    return act(**call.registry())


def policy(call: Call) -> object:
    """`%mlops policy [show | check FILE | diff FILE | apply FILE]`."""
    from nb_mlops.actions import policy as act

    what, *file = words_of(call, most=2) or ("show",)
    if what == "show" and not file:
        return act.policy(**call.registry())
    if what == "check" and file:
        return act.check_policy(file[0], **call.registry())
    if what == "diff" and file:
        return act.diff_policy(file[0], **call.registry())
    if what == "apply" and file:
        return act.apply_policy(file[0], reason=call.parsed.reason or "", **call.registry())
    raise asked(call, what)


def stakes(call: Call) -> object:
    """`%mlops stakes NAME [LEVEL] [--owner O] [--purpose "…"]`, or `--assess [QUESTION=ANSWER …]`."""
    from nb_mlops.actions.assess import assess
    from nb_mlops.actions.describe import describe
    from nb_mlops.actions.look import model

    name, *rest = words_of(call, least=1, most=10)
    said = {"owner": call.parsed.owner, "purpose": call.parsed.purpose}
    if call.parsed.assess and any(said.values()):
        raise BadInput("--assess takes answers alone.", "Set the owner and the purpose without it.")
    if call.parsed.assess:
        return assess(name, _answers(rest), **call.registry())
    no_more(call, rest[1:])
    if not rest and not any(said.values()):
        return model(name, **call.registry())
    return describe(name, stakes=rest[0] if rest else None, **said, **call.registry())


def finding(call: Call) -> object:
    """`%mlops finding NAME`, `… open REF SEVERITY -m "…"`, `… close NAME NUMBER -m "…"`."""
    from nb_mlops.actions import findings as act

    what, *rest = words_of(call, least=1, most=3)
    said = call.parsed.reason or ""
    if what == "open" and 1 <= len(rest) <= 2:
        severity = rest[1] if len(rest) > 1 else "major"
        more = {"owner": call.parsed.owner, "due": call.parsed.due}
        return act.open_finding(rest[0], said, severity=severity, **more, **call.registry())
    if what == "close" and len(rest) == 2:
        return act.close_finding(rest[0], _number(rest[1]), said, **call.registry())
    no_more(call, rest)
    return act.findings(what, closed=call.parsed.all, **call.registry())


def review(call: Call) -> object:
    """`%mlops review NAME -m "…"`."""
    from nb_mlops.actions.findings import review as act
    from nb_mlops.notebook.about import Help

    (name,) = words_of(call, least=1, most=1)
    return Help(f"the emergency at {act(name, call.parsed.reason or '', **call.registry())} is reviewed", ())


def retire(call: Call) -> object:
    """`%mlops retire REF [--yes] -m "…"`."""
    from nb_mlops.actions.retire import retire as act

    (ref,) = words_of(call, least=1, most=1)
    return act(ref, reason=call.parsed.reason or "", yes=call.parsed.yes, **call.registry())


def data(call: Call) -> object:
    """`%mlops data`, `… data add NAME X_test,y_test`."""
    from nb_mlops.actions.data import name_data, named_data

    what, *rest = words_of(call, most=3) or ("list",)
    if what == "list" and not rest:
        return named_data(**call.registry())
    if what != "add" or len(rest) != 2:
        raise asked(call, what)
    name, given = rest
    table = Expression(given, "%mlops data add").resolve(call.names)
    about = call.parsed.reason or ""
    return name_data(name, table, target=call.parsed.target, about=about, **call.registry())


def dossier(call: Call) -> object:
    """`%mlops dossier [REF] [FILE]`."""
    from nb_mlops.actions.dossier import dossier as act

    ref, file, *_ = (*words_of(call, most=2), None, None)
    return act(ref, file, **call.registry())


def _answers(words: list[str]) -> dict[str, str]:
    answers = dict(word.partition("=")[::2] for word in words)
    wrong = [word for word in words if "=" not in word]
    if wrong:
        raise BadInput(f"--assess: {wrong[0]!r} is not QUESTION=ANSWER.", "Like affects=people; alone it asks them.")
    return answers


def _number(text: str) -> int:
    if not (text.lstrip("#").isascii() and text.lstrip("#").isdigit()):
        raise BadInput(f"{text!r} is not the number of a finding.", "Like 12, as %mlops finding NAME lists them.")
    return int(text.lstrip("#"))
