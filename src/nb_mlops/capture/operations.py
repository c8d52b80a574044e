"""What a cell can do to names, as values: read, bind, change, call, import. The words the slicer thinks in.

Names are followed, values are not. An expression's **roots** are the names whose objects its value may share, so that
a change made through an alias counts for the original: `a = b` has the roots ("b",), `f(b)` may hand `b` on and has
("b", "f()"), `b.copy()` has none. A function's body runs later, so what it does is a `Late` in the roots of its name.
"""

from __future__ import annotations

from typing import NamedTuple

ARGUMENT = "<argument>"  # the root of what a function was given
ITSELF = "<self>"  # the root of a method's object
CLOSURE = "<closure>"  # the root of a function made inside a function: it carries the outer one along


class Late(NamedTuple):
    """What a function does when it is called: names it reads then, its effects in order, the roots of its answer."""

    reads: frozenset[str]
    ops: tuple[Op, ...]
    returns: Roots = ()


class Perhaps(NamedTuple):
    """`bag.head()` gives something new, unless `bag` is of a class of this notebook, which may do as it likes."""

    receiver: Roots
    arguments: Roots


Root = str | Late | Perhaps
Roots = tuple[Root, ...]


class Read(NamedTuple):
    """A name is used; `exposed`: nothing before it in the cell has bound it for sure."""

    name: str
    exposed: bool = True


class Bind(NamedTuple):
    """A name gets a new value; `strong`: whatever happens before it in the cell."""

    name: str
    roots: Roots = ()
    strong: bool = True


class Sure(NamedTuple):
    """Every branch has bound the name."""

    name: str


class Change(NamedTuple):
    """The objects of `roots` are changed in place, and hold those of `holds` from now on."""

    roots: Roots
    holds: Roots = ()


class Call(NamedTuple):
    """A call: what it changes depends on what its name is bound to by then."""

    chain: tuple[str, ...]  # ("np", "random", "seed"); empty when the callee is no dotted name
    method: str  # the last name, "" where there is none
    receiver: Roots
    arguments: Roots
    out: Roots
    inplace: bool
    seeded: bool
    bare: bool  # no arguments at all
    path: str | None  # the first string among the arguments
    strong: bool


class Import(NamedTuple):
    """A name is bound to a module or to something out of one; `name` is '*' for a star import."""

    name: str
    module: str
    strong: bool


class Words(NamedTuple):
    """The words of a magic's line: those that are names by then are read."""

    words: tuple[str, ...]
    shell: bool


class Setting(NamedTuple):
    """Something without a name is set for all that comes after it."""


class Opaque(NamedTuple):
    """Something whose effects cannot be followed: exec, globals(), %run."""

    what: str


Op = Read | Bind | Sure | Change | Call | Import | Words | Setting | Opaque


def joined(*many: Roots) -> Roots:
    """All roots, each once, in order."""
    if len(many) == 1:
        return many[0]
    return tuple(dict.fromkeys(root for roots in many for root in roots))
