"""What `--model models["rf"]`, `--data X, y` and `{v.ref}` mean: parsed and looked up, never evaluated.

An expression is a name, an attribute, an item by a constant or a name, or a tuple of these. Calls, arithmetic and
anything else are refused, so that reading a magic line runs none of its text. (An attribute or an item is still asked
of the user's own object, which may compute it.)
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Number

from nb_mlops.core.errors import BadInput, near
from nb_mlops.core.ref import Ref

_PLACE = re.compile(r"\{([^{}]*)\}")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_FILE_ENDINGS = (".parquet", ".csv", ".parq", ".csv.gz")
_RULE = 'It takes names, attributes and items: rf, res.model, models["rf"] or X, y.'


@dataclass(frozen=True, slots=True)
class Expression:
    """What was typed where an object is meant; `resolve` finds the object when its names are there."""

    text: str
    option: str

    def __str__(self) -> str:
        return self.text

    def parse(self) -> ast.expr | str:
        """The checked syntax tree, or a path as text; raises BadInput for all that would need evaluating."""
        if "://" in self.text or self.text.startswith(("/", "./", "../", "~")) or "\\" in self.text.split("[")[0]:
            return self.text
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)  # "\d" in a key is the user's text, not our code
                tree = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return self._path_or_refuse()
        return tree if _is_plain(tree) else self._path_or_refuse()

    def resolve(self, names: Mapping[str, object]) -> object:
        """The object meant: a tuple for `X, y`, the text itself for a path; raises BadInput."""
        tree = self.parse()
        if isinstance(tree, str):
            return tree
        dotted = ast.unparse(tree)
        if dotted.endswith(_FILE_ENDINGS) and _root(tree) not in names:
            return self.text
        if isinstance(tree, ast.Tuple):
            return tuple(self._find(part, names) for part in tree.elts)
        return self._find(tree, names)

    def spelled(self, names: Mapping[str, object]) -> str:
        """The expression with `models[name]` as `models["rf"]`: what names the object outside this line too."""
        tree = self.parse()
        if isinstance(tree, str):
            return tree
        for part in ast.walk(tree):
            if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Name):
                part.slice = ast.Constant(_key(_named(part.slice.id, names, self.option), self.option))
        return ast.unparse(tree)

    @property
    def root(self) -> str:
        """The variable it starts from; empty for a path or several."""
        tree = self.parse()
        return "" if isinstance(tree, str) else _root(tree)

    def _path_or_refuse(self) -> str:
        if self.text.endswith(_FILE_ENDINGS) or ("/" in self.text and not set(self.text) & set("()*+ ")):
            return self.text
        raise BadInput(f"{self.option}: {self.text!r} would have to be evaluated.", _RULE)

    def _find(self, tree: ast.expr, names: Mapping[str, object]) -> object:
        match tree:
            case ast.Name(id=name):
                return _named(name, names, self.option)
            case ast.Attribute(value=inner, attr=attr):
                return _attribute(self._find(inner, names), attr, ast.unparse(inner), self.option)
            case ast.Subscript(value=inner, slice=key):
                return self._item(inner, key, names)
            case _:
                return ast.literal_eval(tree)

    def _item(self, inner: ast.expr, key: ast.expr, names: Mapping[str, object]) -> object:
        holder = self._find(inner, names)
        wanted = _named(key.id, names, self.option) if isinstance(key, ast.Name) else ast.literal_eval(key)
        try:
            if isinstance(holder, Mapping) and wanted not in holder:  # asked first: a defaultdict would make one
                raise KeyError(wanted)
            return holder[wanted]  # type: ignore[index]  # asked of the user's own object; the answer is checked below
        except (LookupError, TypeError) as error:
            known = [k for k in holder if isinstance(k, str)] if isinstance(holder, Mapping) else []
            hint = near(str(wanted), known) or "Look at what it holds."
            raise BadInput(f"{self.option}: {ast.unparse(inner)} has no item {wanted!r}.", hint) from error


def expand(text: str, names: Mapping[str, object], *, where: str) -> str:
    """`text` with `{name}` and `{v.ref}` replaced by what they hold; raises BadInput for an unknown name.

    What they hold must be a text of one line, a number, or a value that prints as its ref.

    >>> expand("churn@{n}", {"n": 3}, where="%promote")
    'churn@3'
    """
    return _PLACE.sub(lambda found: _placed(found.group(1).strip(), names, where), text)


class Dotted(Mapping[str, object]):
    """Names that may be asked with dots: `{v.ref}` in a check line."""

    def __init__(self, names: Mapping[str, object]) -> None:
        self._names = names

    def __getitem__(self, path: str) -> object:
        if path in self._names or not _DOTTED.fullmatch(path):
            return self._names[path]
        root, *attrs = path.split(".")
        value = self._names[root]
        for attr in attrs:
            value = _attribute(value, attr, root, "a check line")
        return str(value) if isinstance(value, Ref) else value

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, str):
            return False
        return path in self._names or (bool(_DOTTED.fullmatch(path)) and path.partition(".")[0] in self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _placed(path: str, names: Mapping[str, object], where: str) -> str:
    if not _DOTTED.fullmatch(path):
        raise BadInput(f"{where}: {path!a} in braces is no plain name.", "A variable or its attribute fits: {v.ref}.")
    root, *attrs = path.split(".")
    value, so_far = _named(root, names, where), root
    for attr in attrs:
        value = _attribute(value, attr, so_far, where)
        so_far = f"{so_far}.{attr}"
    return _as_text(value, path, where)


def _as_text(value: object, path: str, where: str) -> str:
    item = getattr(value, "item", None)
    if not isinstance(value, str | Number) and callable(item) and getattr(value, "ndim", None) == 0:
        value = item()  # a NumPy scalar prints its type
    value = getattr(value, "ref", value)  # a Version, a Promotion
    if isinstance(value, bool) or not isinstance(value, str | Number | Ref):
        raise BadInput(f"{where}: {{{path}}} holds a {type(value).__name__}.", "A text, a number or a version fits.")
    text = repr(value) if isinstance(value, float) else str(value)
    if not text.isprintable():
        raise BadInput(f"{where}: {{{path}}} holds more than one line of text.", "One line of plain text goes there.")
    return text


def _named(name: str, names: Mapping[str, object], where: str) -> object:
    if name in names:
        return names[name]
    known = [known for known in names if not known.startswith("_")]
    raise BadInput(f"{where}: there is no variable {name!r}.", near(name, known) or "Run the cell that makes it first.")


def _attribute(holder: object, attr: str, path: str, where: str) -> object:
    if attr.startswith("__"):
        raise BadInput(f"{where}: {path}.{attr} is not for magics.", _RULE)
    try:
        return getattr(holder, attr)
    except AttributeError as error:
        known = [known for known in dir(holder) if not known.startswith("_")]
        hint = near(attr, known) or f"It is a {type(holder).__name__}."
        raise BadInput(f"{where}: {path} has no attribute {attr!r}.", hint) from error


def _key(value: object, where: str) -> str | int:
    if isinstance(value, str | int):
        return value
    raise BadInput(f"{where}: a {type(value).__name__} is no key of a line.", "A text or a whole number is.")


def _root(tree: ast.expr) -> str:
    while isinstance(tree, ast.Attribute | ast.Subscript):
        tree = tree.value
    return tree.id if isinstance(tree, ast.Name) else ""


def _is_plain(tree: ast.expr, *, top: bool = True) -> bool:
    match tree:
        case ast.Tuple(elts=parts):
            return top and len(parts) > 0 and all(_is_plain(part, top=False) for part in parts)
        case ast.Name():
            return True
        case ast.Attribute(value=inner):
            return _is_plain(inner, top=False) and not isinstance(inner, ast.Constant)
        case ast.Subscript(value=inner, slice=key):
            return _is_plain(inner, top=False) and not isinstance(inner, ast.Constant) and _is_key(key)
        case ast.Constant(value=value):
            return isinstance(value, str)
        case _:
            return False


def _is_key(key: ast.expr) -> bool:
    match key:
        case ast.Name():
            return True
        case ast.Constant(value=value):
            return isinstance(value, str | int)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)):
            return isinstance(value, int)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return all(isinstance(part, ast.Constant) and isinstance(part.value, str | int) for part in parts)
        case _:
            return False
