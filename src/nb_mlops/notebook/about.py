"""%mlops: the extension itself and what has no magic of its own. Each verb is one action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.listing import Listing
from nb_mlops.core.shown import Json, Shown
from nb_mlops.notebook import governing
from nb_mlops.notebook.vocabulary import FORMS, MLOPS_VERBS, SPECS
from nb_mlops.notebook.words import asked, refuse_others, words_of

if TYPE_CHECKING:
    from nb_mlops.notebook.magics import Call


@dataclass(frozen=True, slots=True, repr=False)
class Help(Shown):
    """Text that helps: names and what they do."""

    kind: ClassVar[str] = "help"
    title: str
    rows: tuple[tuple[str, str], ...]

    def to_text(self) -> str:
        """An aligned list."""
        width = max((len(name) for name, _ in self.rows), default=0)
        return "\n".join([self.title, *(f"  {name:<{width}}  {does}" for name, does in self.rows)])

    def to_dict(self) -> dict[str, Json]:
        """The list as JSON."""
        return {"title": self.title, "rows": [list(row) for row in self.rows]}


def mlops(call: Call) -> object:
    """Runs the verb that was named; none shows where we are."""
    verb = call.parsed.verb or "status"
    refuse_others(call, verb)
    return _VERBS[verb](call)


def _status(call: Call) -> object:
    from nb_mlops.actions.status import status

    words_of(call, most=0)
    return status(**call.registry())


def _help(call: Call) -> object:
    (name,) = words_of(call, most=1) or ("",)
    if not name:
        rows = [(spec.shown, spec.does) for spec in SPECS.values()]
        rows += [(f"%mlops {verb}", does) for verb, does in MLOPS_VERBS.items()]
        return Help("The magics of nb_mlops; %mlops help promote shows one of them, %promote? too.", tuple(rows))
    spec = SPECS.get(name.lstrip("%"))
    if spec is None:
        raise BadInput(f"There is no magic {name!r}.", near(name.lstrip("%"), SPECS) or "%mlops help lists them.")
    rows = [(argument.name.upper(), argument.help) for argument in spec.arguments]
    rows += [(", ".join(option.names), option.help) for option in spec.options]
    return Help(f"{spec.usage()}\n{spec.does}", (*rows, *spec.more, ("example", spec.example)))


def _connect(call: Call) -> object:
    from nb_mlops.actions.connect import connect
    from nb_mlops.actions.status import status

    (address,) = words_of(call, least=1, most=1)
    connect(address)
    return status()


def _outbox(call: Call) -> object:
    from nb_mlops.actions import outbox

    what, *more = words_of(call, most=2) or ("list",)
    if what == "list":
        return outbox.waiting()
    if what == "push":
        sent = tuple(outbox.push(*more))
        return Listing(sent, ("ref", "registry", "created_at"), title="sent", empty="nothing waited")
    if what == "drop" and more:
        return outbox.drop(more[0])
    raise asked(call, what)


def _doctor(call: Call) -> object:
    from nb_mlops.actions.load import doctor

    (ref,) = words_of(call, most=1) or (None,)
    return doctor(ref, trust=call.parsed.trust, **call.registry())


def _alias(call: Call) -> object:
    from nb_mlops.actions.connect import current
    from nb_mlops.actions.describe import add_alias
    from nb_mlops.actions.find import known_aliases

    what, *name = words_of(call, most=2) or ("list",)
    if what not in ("list", "add") or (what == "add") != bool(name):
        raise asked(call, what)
    found = add_alias(name[0], **call.registry()) if name else known_aliases(current(call.parsed.registry))
    return Help("aliases", tuple((alias, "") for alias in found))


def _checkpoint(call: Call) -> object:
    from nb_mlops.actions.checkpoint import checkpoint

    (place,) = words_of(call, most=1) or (None,)
    return checkpoint(place, **call.registry())


def _form(call: Call) -> object:
    from nb_mlops.notebook import widgets

    what, *ref = words_of(call, least=1, most=2)
    if what not in FORMS:
        raise BadInput(f"There is no form {what!r}.", near(what, FORMS) or f"One of {', '.join(FORMS)}.")
    given = {"to": call.parsed.to} if call.parsed.to else {}
    if given and what not in ("approve", "promote"):
        raise BadInput(f"The form {what} moves no alias.", f"Leave --to out: %mlops form {what}")
    opened: object = getattr(widgets, what)(*ref, **given, **call.registry())
    return opened


def _browse(call: Call) -> object:
    from nb_mlops.notebook import widgets

    return widgets.browse(*words_of(call, most=1), **call.registry())


def _undo(call: Call) -> object:
    from nb_mlops.actions.describe import discard
    from nb_mlops.actions.session import session

    words_of(call, most=0)
    last = session().last
    if last is None:
        raise BadInput("There is nothing to undo: nothing was registered in this kernel.", "See %mlops status.")
    gone = discard(last, reason=call.parsed.reason or "", **(call.registry() if call.parsed.registry else {}))
    session().last = None
    return Help(f"{gone.ref} is discarded; its number is not given again.", ())


def _trust_project(call: Call) -> object:
    from nb_mlops.actions.project import trust_project
    from nb_mlops.actions.status import status

    trust_project(*words_of(call, most=1))
    return status()


_VERBS: dict[str, Callable[[Call], object]] = {
    "status": _status,
    "help": _help,
    "connect": _connect,
    "outbox": _outbox,
    "doctor": _doctor,
    "stakes": governing.stakes,
    "pending": governing.pending,
    "policy": governing.policy,
    "finding": governing.finding,
    "review": governing.review,
    "retire": governing.retire,
    "dossier": governing.dossier,
    "data": governing.data,
    "alias": _alias,
    "checkpoint": _checkpoint,
    "browse": _browse,
    "form": _form,
    "undo": _undo,
    "trust-project": _trust_project,
}
