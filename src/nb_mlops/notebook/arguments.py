"""What a magic takes, declared once as data; `parse` reads a line by it, `usage` and `help_text` print it.

Parsing, `%promote?`, completion and the reference in the documentation all read the same `Spec`: they cannot disagree.
Every mistake is a BadInput of two lines: IPython's own UsageError would let nbmake and nbval pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nb_mlops.core.errors import BadInput, near
from nb_mlops.notebook.lookup import Expression, expand
from nb_mlops.notebook.scanner import Scanner


class Kind(StrEnum):
    """What a value is: this decides how it is read, whether `{…}` is expanded, and what completes it."""

    REF = "ref"  # churn@3; {v.ref} is expanded
    MODEL = "model"  # churn; expanded
    ALIAS = "alias"  # production; expanded
    WORD = "word"  # one word
    TEXT = "text"  # free text, quotes round blanks, never expanded
    NAMES = "names"  # region,month: comma-separated words
    NUMBER = "number"  # a whole number
    PAIR = "pair"  # k=v
    SETTING = "setting"  # -p name value
    OBJECT = "object"  # an expression, resolved by the magic: rf, res.model, X, y, a path
    VARIABLE = "variable"  # a plain name to bind
    FLAG = "flag"


_EXPANDED = frozenset({Kind.REF, Kind.MODEL, Kind.ALIAS})


@dataclass(frozen=True, slots=True)
class Argument:
    """One positional value."""

    name: str
    help: str
    kind: Kind
    optional: bool = False
    many: bool = False
    choices: tuple[str, ...] = ()

    def usage(self) -> str:
        """How it stands in the usage line: `REF`, `[TEXT]`, `REF …`."""
        shown = f"{self.name.upper()} …" if self.many else self.name.upper()
        return f"[{shown}]" if self.optional else shown


@dataclass(frozen=True, slots=True)
class Option:
    """One `--option`; its first name is the one answers use."""

    names: tuple[str, ...]
    help: str
    kind: Kind = Kind.FLAG
    shown: str = ""  # how the value is shown in the usage line
    repeated: bool = False
    choices: tuple[str, ...] = ()
    acts: bool = False  # with it, a magic that looks writes

    @property
    def key(self) -> str:
        """The name its value is kept under: `--no-examples` is `no_examples`."""
        return self.names[0].lstrip("-").replace("-", "_")

    def usage(self) -> str:
        """How it stands in the usage line: `[--tag k=v]…`."""
        value = f" {self.shown or self.kind.value.upper()}" if self.kind is not Kind.FLAG else ""
        return f"[{self.names[-1]}{value}]" + ("…" if self.repeated else "")


@dataclass(frozen=True, slots=True)
class Spec:
    """One magic: its name, what it does in a sentence, and what it takes."""

    name: str
    does: str
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    is_cell: bool = False  # `%%name` takes a body
    is_line: bool = True
    acts: bool = False  # it writes, so automagic must not start it
    more: tuple[tuple[str, str], ...] = ()  # further rows of its help
    example: str = ""

    @property
    def shown(self) -> str:
        """The name with its signs: `%gate`, `%%validate`."""
        return f"%%{self.name}" if self.is_cell else f"%{self.name}"

    def writes(self, line: str) -> bool:
        """Whether the magic, with this line, writes to a registry."""
        words = set(line.split())
        return self.acts or any(option.acts and words & set(option.names) for option in self.options)

    def option(self, name: str) -> Option | None:
        """The option that `name` (`--to`, `-m`) spells, or None."""
        return next((option for option in self.options if name in option.names), None)

    def option_names(self) -> list[str]:
        """All spellings of all options."""
        return [name for option in self.options for name in option.names]

    def usage(self) -> str:
        """The usage line."""
        return " ".join([self.shown, *(a.usage() for a in self.arguments), *(o.usage() for o in self.options)])

    def help_text(self) -> str:
        """What `%name?` shows."""
        rows = [(argument.name.upper(), argument.help) for argument in self.arguments]
        rows += [(", ".join(option.names), option.help) for option in self.options]
        rows += self.more
        width = max((len(left) for left, _ in rows), default=0)
        lines = [self.usage(), "", self.does, "", *(f"  {left:<{width}}  {right}" for left, right in rows)]
        return "\n".join([*lines, "", f"Example: {self.example}"] if self.example else lines)


@dataclass(frozen=True)
class Parsed:
    """What a line says: `parsed.ref`, `parsed.to`; an option that was not given is None, False or empty."""

    spec: Spec
    values: Mapping[str, Any]
    names: Mapping[str, object] = field(repr=False)

    def __getattr__(self, key: str) -> Any:
        try:
            return self.values[key]
        except KeyError:
            raise AttributeError(key) from None

    def resolve(self, key: str) -> Any:
        """The object that an expression means, or None where none was given; raises BadInput."""
        expression = self.values[key]
        return None if expression is None else expression.resolve(self.names)


def parse(spec: Spec, line: str, names: Mapping[str, object] | None = None) -> Parsed:
    """What `line` says by `spec`; `{…}` in refs is looked up in `names`. Raises BadInput."""
    names = {} if names is None else names
    values: dict[str, Any] = {argument.name: [] if argument.many else None for argument in spec.arguments}
    values |= {option.key: _empty(option) for option in spec.options}
    scanner, given, left = Scanner(line), set[str](), list(spec.arguments)
    while not scanner.at_end():
        if _is_option(spec, scanner.peek()):
            option = _option(spec, scanner.read_option())
            _keep_option(values, option, _read_option_value(spec, option, scanner, names), given, spec)
        else:
            _keep_argument(spec, values, left, scanner, names)
    for argument in left:
        if not argument.optional and not (argument.many and values[argument.name]):
            raise BadInput(f"{spec.shown} needs {_article(argument)}.", _see(spec))
    return Parsed(spec, values, names)


def _empty(option: Option) -> Any:
    if option.kind is Kind.FLAG:
        return False
    return [] if option.repeated or option.kind is Kind.NAMES else None


def _is_option(spec: Spec, word: str) -> bool:
    """`--x` always; `-x` only where a letter follows: a value such as `-1` or a sort key comes after its option."""
    known = word.split("=")[0] in spec.option_names()
    return known or word.startswith("--") or (word[:1] == "-" and word[1:2].isalpha())


def _option(spec: Spec, name: str) -> Option:
    found = spec.option(name)
    if found is None:
        shown = name if name.isprintable() else ascii(name)
        raise BadInput(f"{spec.shown} has no option {shown}.", near(name, spec.option_names()) or _see(spec))
    return found


def _read_option_value(spec: Spec, option: Option, scanner: Scanner, names: Mapping[str, object]) -> Any:
    if option.kind is Kind.FLAG:
        return True
    where = f"{spec.shown} {option.names[0]}"
    if scanner.at_end() or spec.option(scanner.peek()) is not None:
        raise BadInput(f"{where} needs a value.", f"{option.names[0]} {option.shown or option.kind}: {option.help}")
    if option.kind is Kind.SETTING:
        return _setting(scanner, where)
    return _read(option.kind, scanner, names, where=where, choices=option.choices)


def _keep_option(values: dict[str, Any], option: Option, value: Any, given: set[str], spec: Spec) -> None:
    if option.repeated:
        values[option.key].append(value)
        return
    if option.kind is Kind.NAMES:  # --kind a,b and --kind a --kind b say the same
        values[option.key].extend(value)
        return
    if option.key in given:
        raise BadInput(f"{spec.shown} has {option.names[0]} twice.", "Give it once.")
    given.add(option.key)
    values[option.key] = value


def _keep_argument(
    spec: Spec, values: dict[str, Any], left: list[Argument], scanner: Scanner, names: Mapping[str, object]
) -> None:
    if not left:
        word = scanner.peek()
        raise BadInput(f"{spec.shown} does not know what to do with {word!r}.", _extra_hint(spec))
    argument = left[0]
    value = _read(argument.kind, scanner, names, where=spec.shown, choices=argument.choices)
    if argument.many:
        values[argument.name].append(value)
        return
    values[argument.name] = value
    left.pop(0)


def _read(kind: Kind, scanner: Scanner, names: Mapping[str, object], *, where: str, choices: tuple[str, ...]) -> Any:
    if kind is Kind.OBJECT:
        expression = Expression(scanner.read_expression(), where)
        expression.parse()
        return expression
    if kind is Kind.NAMES:
        return _split_names(scanner.read_expression())
    word = scanner.read_word(braces=kind in _EXPANDED)
    if kind in _EXPANDED:
        word = expand(word, names, where=where)
    if choices and word not in choices:
        raise BadInput(f"{where}: {word!r} is not known.", near(word, choices) or f"One of {', '.join(choices)}.")
    return _typed(kind, word, where)


def _typed(kind: Kind, word: str, where: str) -> Any:
    match kind:
        case Kind.NUMBER:
            if not (word.isascii() and word.isdigit()):
                raise BadInput(f"{where}: {word!r} is not a whole number.", "Write digits, such as 10.")
            return int(word)
        case Kind.PAIR:
            key, equals, value = word.partition("=")
            if not equals or not key:
                raise BadInput(f"{where}: {word!r} is not key=value.", 'Such as team=risk or note="two words".')
            return key, _unquoted(value)
        case Kind.VARIABLE:
            if not word.isidentifier() or word.startswith("_"):
                raise BadInput(f"{where}: {word!r} is not a variable name.", "Such as v or best_version.")
            return word
        case _:
            return word


def _setting(scanner: Scanner, where: str) -> tuple[str, str]:
    name = scanner.read_word()
    if scanner.at_end():
        raise BadInput(f"{where} {name!r} needs a value.", "Such as -p month 7.")
    return name, scanner.read_word()


def _split_names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := _unquoted(part.strip()))]


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _article(argument: Argument) -> str:
    what = {Kind.REF: "a version, such as churn@3", Kind.MODEL: "a model's name, such as churn"}.get(argument.kind)
    return what or f"{argument.name.upper()} ({argument.help})"


def _extra_hint(spec: Spec) -> str:
    texts = [option.names[-1] for option in spec.options if option.kind is Kind.TEXT]
    return f'Text with blanks needs quotes: {texts[0]} "two words".' if texts else _see(spec)


def _see(spec: Spec) -> str:
    return f"{spec.usage()}" if len(spec.usage()) <= 100 else f"See {spec.shown}? for what it takes."
