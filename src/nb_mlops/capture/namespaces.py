"""Where a name belongs while a cell is read: to the notebook, or to a function or class inside it."""

from __future__ import annotations

from nb_mlops.capture.operations import Bind, Call, Change, Late, Op, Read, Roots, joined
from nb_mlops.capture.pure import PURE_METHODS


class Top:
    """The notebook's own namespace: effects are written down as they come."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.covered: set[str] = set()  # bound for sure on the way here
        self._seen: set[str] = set()

    def emit(self, op: Op) -> None:
        """Writes an effect down."""
        self.ops.append(op)

    def read(self, name: str) -> Roots:
        """Uses a name; the roots of its value."""
        if name not in self._seen:
            self._seen.add(name)
            self.ops.append(Read(name, name not in self.covered))
        return (name,)

    def bind(self, name: str, roots: Roots, strong: bool) -> None:
        """Gives a name a value; `strong`: in no branch."""
        self.ops.append(Bind(name, roots, strong))
        self.binds(name)

    def binds(self, name: str) -> None:
        """From here on the name is bound."""
        self.covered.add(name)
        self._seen.discard(name)

    def is_global(self, name: str) -> bool:
        """Whether the name is the notebook's."""
        return True


class Inner:
    """A function's or class's own namespace: what reaches out of it is collected."""

    def __init__(self, parent: Top | Inner, names: set[str], *, is_class: bool = False) -> None:
        self.parent = parent
        self.names = names
        self.is_class = is_class
        self.locals: dict[str, Roots] = {}
        self.reads: set[str] = set()
        self.ops: list[Op] = []
        self.returned: Roots = ()

    def emit(self, op: Op) -> None:
        """Writes an effect down; what a change puts into a local value may come out with the answer."""
        self.ops.append(op)
        if isinstance(op, Change):
            self.gives(op.holds)
        elif isinstance(op, Call) and op.receiver and op.method not in PURE_METHODS:
            self.gives(op.arguments)

    def gives(self, roots: Roots) -> None:
        """The function's answer may share these."""
        if roots:
            self.returned = joined(self.returned, roots)

    def read(self, name: str) -> Roots:
        """Uses a name; the roots of its value."""
        if name in self.names and (not self.is_class or name in self.locals):
            return self.locals.get(name, ())
        outer = self.parent
        while isinstance(outer, Inner) and outer.is_class:
            outer = outer.parent
        if isinstance(outer, Inner) and not outer.is_global(name):
            return outer.read(name)
        self.reads.add(name)
        return (name,)

    def bind(self, name: str, roots: Roots, strong: bool) -> None:
        """Gives a name a value; `strong`: in no branch."""
        if name not in self.names:  # declared global (or nonlocal, which is then bound out there)
            self.ops.append(Bind(name, roots, False))
            return
        self.locals[name] = roots if strong else joined(self.locals.get(name, ()), roots)

    def is_global(self, name: str) -> bool:
        """Whether the name is the notebook's."""
        if name in self.names and not self.is_class:
            return False
        return self.parent.is_global(name)

    def late(self) -> Late:
        """What calling the function does."""
        return Late(frozenset(self.reads), tuple(self.ops), self.returned)
