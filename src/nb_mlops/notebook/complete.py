"""Completion in our magic lines: options, choices, model names, aliases, versions, variables.

On the typing path nothing is imported, read or asked of a registry: `suggest` is a pure function over names that a
thread fetched before (`Known`). A failure gives no completions, never an error.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from nb_mlops.actions.session import is_watched, session
from nb_mlops.notebook.arguments import Argument, Kind, Option, Spec
from nb_mlops.notebook.vocabulary import SPECS

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from nb_mlops.core.version import Version

_LINE = re.compile(r"^\s*(?:[\w.,\s]+=\s*)?%{1,2}(?P<name>\w+)\s(?P<rest>.*)$")
_NEWEST = 5  # version numbers offered after `churn@`
_MOST = 200
_CHANGING = tuple(f"%{name}" for name in ("register", "mlops", "retrain", "promote", "rollback"))


@dataclass
class Known:
    """Names a registry held when it was last asked."""

    models: dict[str, int] = field(default_factory=dict)  # name -> newest number
    aliases: tuple[str, ...] = ("production", "staging")
    pointing: dict[str, tuple[str, ...]] = field(default_factory=dict)  # name -> its aliases that name a version

    def refs(self, fragment: str) -> list[str]:
        """What `fragment` may become: model names, and after an `@` its aliases, `latest` and the newest numbers.

        All aliases of the registry are offered only for a model that is not known yet.
        """
        name, at, _ = fragment.partition("@")
        if not at:
            return [known for known in self.models if known.startswith(fragment)]
        newest = self.models.get(name, 0)
        numbers = [str(number) for number in range(newest, max(newest - _NEWEST, 0), -1)]
        aliases = self.pointing.get(name, ()) if name in self.models else self.aliases
        return [ref for end in ("latest", *aliases, *numbers) if (ref := f"{name}@{end}").startswith(fragment)]


def suggest(text: str, names: Mapping[str, object], known: Known) -> tuple[str, list[str]]:
    """The fragment at the end of `text` (a line up to the cursor) and what it may become; ("", []) where not ours."""
    found = _LINE.match(text)
    spec = SPECS.get(found["name"]) if found else None
    if found is None or spec is None:
        return "", []
    words = found["rest"].split()
    fragment = words.pop() if found["rest"] and not found["rest"][-1].isspace() else ""
    if fragment.startswith("-"):
        return fragment, _options(spec, words, fragment)
    option = spec.option(words[-1]) if words else None
    if option is not None and option.kind is not Kind.FLAG:
        return _of_kind(option, fragment, names, known)
    argument = _argument(spec, words)
    if argument is not None:
        tail, offered = _of_kind(argument, fragment, names, known)
        if offered or fragment:
            return tail, offered
    return fragment, _options(spec, words, fragment)


def _options(spec: Spec, words: list[str], fragment: str) -> list[str]:
    free = [option for option in spec.options if option.repeated or not set(option.names) & set(words)]
    return [option.names[0] for option in free if option.names[0].startswith(fragment)]


def _argument(spec: Spec, words: list[str]) -> Argument | None:
    """The positional value that comes next."""
    given, skip = 0, False
    for word in words:
        option = spec.option(word)
        if skip or option is not None:
            skip = option is not None and option.kind is not Kind.FLAG
            continue
        given += 1
    if spec.arguments and (given < len(spec.arguments) or spec.arguments[-1].many):
        return spec.arguments[min(given, len(spec.arguments) - 1)]
    return None


def _of_kind(
    wanted: Option | Argument, fragment: str, names: Mapping[str, object], known: Known
) -> tuple[str, list[str]]:
    if wanted.choices:
        return fragment, _starting(wanted.choices, fragment)
    match wanted.kind:
        case Kind.REF:
            return fragment, known.refs(fragment)
        case Kind.MODEL:
            return fragment, _starting(known.models, fragment)
        case Kind.ALIAS:
            return fragment, _starting(known.aliases, fragment)
        case Kind.OBJECT:
            last = fragment.rpartition(",")[2]
            return last, _variables(names, last)
        case _:
            return fragment, []


def _variables(names: Mapping[str, object], fragment: str) -> list[str]:
    hidden = ("In", "Out", "exit", "quit", "get_ipython", "open")
    offered = [name for name in list(names) if not name.startswith("_") and name not in hidden]
    return _starting(sorted(offered), fragment)


def _starting(words: Iterable[str], fragment: str) -> list[str]:
    return [word for word in words if word.startswith(fragment)]


class Matcher:
    """The matcher of one shell, and the names it knows."""

    def __init__(self, shell: InteractiveShell, fetch: Callable[[], Known] | None = None) -> None:
        self.known = Known()
        self.asked = False
        self._fetch = fetch or fetch_known
        self._last: Version | None = None  # what this session had registered when a cell ended
        self._one_at_a_time = threading.Lock()  # else an older answer could come last

        @context_matcher(identifier="nb_mlops")  # type: ignore[untyped-decorator]  # IPython's own
        def match(context: CompletionContext) -> SimpleMatcherResult:
            try:
                return self._match(shell, context)
            except Exception:  # noqa: BLE001  # whatever is wrong, typing goes on
                return {"completions": []}

        self.match = match

    def _match(self, shell: InteractiveShell, context: CompletionContext) -> SimpleMatcherResult:
        fragment, offered = suggest(context.text_until_cursor, shell.user_ns, self.known)
        if not self.asked and _LINE.match(context.text_until_cursor):
            self.refresh()
        completions = [SimpleCompletion(text, type="param") for text in offered[:_MOST]]
        return {"completions": completions, "matched_fragment": fragment, "suppress": bool(completions)}

    def refresh(self) -> threading.Thread:
        """Asks the default registry for its names, in a thread: the next Tab knows them."""
        self.asked = True
        thread = threading.Thread(target=self._ask, name="nb_mlops-names", daemon=True)
        thread.start()
        return thread

    def _ask(self) -> None:
        with self._one_at_a_time, suppress(Exception):  # no registry, or it cannot be reached: what is known stays
            self.known = self._fetch()

    def refresh_after(self, result: Any) -> None:
        """After a cell that registered something or used one of our verbs: its names may be new.

        Where nobody types (papermill), nothing is asked.
        """
        cell = getattr(result.info, "raw_cell", "") or ""
        last, before = session().last, self._last
        self._last = last
        changed = last is not before or any(verb in cell for verb in _CHANGING)
        if changed and (self.asked or is_watched()):
            self.refresh()


def fetch_known() -> Known:
    """The names of the default registry as it is now; imports what it needs, so never called while typing."""
    from nb_mlops.actions.connect import current
    from nb_mlops.actions.find import known_aliases
    from nb_mlops.actions.look import models

    registry = current()
    found = models(limit=1_000, registry=registry)
    pointing = {model.name: tuple(sorted(model.aliases)) for model in found}
    return Known({model.name: model.latest for model in found}, tuple(known_aliases(registry)), pointing)
