"""The source that a class or function needs to live elsewhere: itself, what it refers to, and their imports.

Names are resolved statically (Python's own symbol tables) and looked up where the object looks them up, its module's
globals. The text that comes out is canonical: the same definitions give the same text, in whatever order they were run.
"""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType

from nb_mlops.core.errors import Unsupported
from nb_mlops.formats.carried import NOTEBOOK_FILE, Code
from nb_mlops.formats.constant import import_line, literal
from nb_mlops.formats.definition import Definition, definition, futures, globals_of, names
from nb_mlops.formats.graph import NOTEBOOK, is_local
from nb_mlops.formats.module_files import imports_of, module_files

_LARGEST_CONSTANT = 20_000  # characters of its repr: above, it is data and belongs into files= or an attribute
_SECRET = re.compile(r"passw(or)?d|secret|api_?key|(auth|access|bearer)_?token|_token$|^token$|credential", re.I)


@dataclass
class Gathered:
    """The code found, the packages it imports, and what the user should know."""

    code: Code
    imports: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)


def gather(found: Sequence[Definition], local_modules: Sequence[str] = ()) -> Gathered:
    """The source of these classes and functions, with all they need; raises Unsupported where there is none."""
    notebook = _Notebook(local_modules)
    for each in found:
        if each.__module__ == NOTEBOOK:
            notebook.add(each)
        else:
            notebook.modules.add(each.__module__)
    files = {NOTEBOOK_FILE: notebook.text()} if notebook.definitions else {}
    files |= module_files(notebook.modules, local_modules, alone=not files)
    return Gathered(Code(files), notebook.imported | imports_of(files), notebook.warnings)


@dataclass
class _Found:
    """One definition: its text, the names it needs when it is defined, and those it needs when it is called."""

    text: str
    at_once: set[str]
    later: set[str]


class _Notebook:
    """Collects definitions of `__main__` and writes them as one module."""

    def __init__(self, local_modules: Sequence[str]) -> None:
        self.local_modules = local_modules
        self.definitions: dict[str, _Found] = {}
        self.objects: dict[str, Definition] = {}
        self.constants: dict[str, str] = {}
        self.import_lines: set[str] = set()
        self.imported: set[str] = set()
        self.modules: set[str] = set()
        self.futures: set[str] = set()
        self.warnings: list[str] = []

    def add(self, obj: Definition) -> None:
        """Takes the definition and, one after another, all it refers to."""
        name = obj.__name__
        if self.objects.setdefault(name, obj) is not obj:
            raise Unsupported(
                f"The model holds two different things called {name}: the notebook defined it twice.",
                "Run the cell that defines it once, then fit again.",
            )
        if name in self.definitions:
            return
        node, text = definition(obj)
        self.futures |= futures(obj)
        at_once, anywhere = names(text, node.name, lazy="annotations" in self.futures)
        self.definitions[name] = _Found(text, at_once, anywhere - at_once)
        for needed in sorted(anywhere):
            self._need(needed, obj)

    def _need(self, name: str, by: Definition) -> None:
        space = globals_of(by)
        if name not in space:
            if not hasattr(builtins, name):
                self.warnings.append(f"{by.__name__} uses {name}, which is not defined here.")
            return
        value = space[name]
        if isinstance(value, ModuleType):
            self._import_module(name, value, self.definitions[by.__name__].text)
        elif isinstance(value, Definition) and value.__module__ == NOTEBOOK:
            self._bound_definition(name, value, by)
        elif line := import_line(name, value):
            self._import(line)
        else:
            self._constant(name, value, by)

    def _bound_definition(self, name: str, value: Definition, by: Definition) -> None:
        if "<" in value.__qualname__ or name != value.__name__:
            raise Unsupported(
                f"{by.__name__} uses {name}, which is a lambda, was made inside a function, or has another name.",
                f"Define it at the top level of a cell as `def {name}(...)`, and fit again.",
            )
        self.add(value)

    def _import_module(self, name: str, value: ModuleType, text: str) -> None:
        if value.__name__ == NOTEBOOK:
            raise Unsupported("The code imports __main__, the notebook itself.", "Use the names without it.")
        real = value.__name__
        self._import(f"import {real}" if real == name else f"import {real} as {name}", module=real)
        for path in re.findall(rf"\b{re.escape(name)}((?:\.\w+)+)", text):
            steps = path.split(".")[1:]
            for depth in range(len(steps), 0, -1):
                module = ".".join([real, *steps[:depth]])
                if module in sys.modules:
                    self._import(f"import {module}", module=module)
                    break

    def _import(self, line: str, *, module: str | None = None) -> None:
        module = module or line.split()[1]
        self.import_lines.add(line)
        self.imported.add(module.partition(".")[0])
        if is_local(module, self.local_modules):
            self.modules.add(module)

    def _constant(self, name: str, value: object, by: Definition) -> None:
        text = literal(value)
        if text is None or len(text) > _LARGEST_CONSTANT:
            raise Unsupported(
                f"{by.__name__} uses the notebook's {name}, a {type(value).__name__} that can't travel as source.",
                f"Hand {name} over as an argument (functools.partial), an attribute set in fit, or a file (files=).",
            )
        if _SECRET.search(name) and isinstance(value, (str, bytes)):
            self.warnings.append(f"{name} looks like a secret and is stored in the model's code, readable by all.")
        self.constants[name] = f"{name} = {text}"

    def text(self) -> str:
        """The module: future imports, imports, constants, definitions, each sorted, as far as order is free."""
        future = [f"from __future__ import {', '.join(sorted(self.futures))}"] if self.futures else []
        constants = [self.constants[name] for name in sorted(self.constants)]
        blocks = ["\n".join(future), "\n".join(sorted(self.import_lines)), "\n".join(constants)]
        blocks += [self.definitions[name].text for name in self._order()]
        return "\n\n\n".join(block for block in blocks if block) + "\n"

    def _order(self) -> list[str]:
        """Names so that what is needed at once (bases, decorators, defaults, and all those call) comes before."""
        done: list[str] = []
        begun: set[str] = set()

        def put(name: str, *, whole: bool) -> None:
            if name not in self.definitions:
                return
            found = self.definitions[name]
            if name not in begun:
                begun.add(name)
                for before in sorted(found.at_once):
                    put(before, whole=True)
                done.append(name)
            if whole and name not in wholly:
                wholly.add(name)
                for after in sorted(found.later):
                    put(after, whole=True)

        wholly: set[str] = set()
        for name in sorted(self.definitions):
            put(name, whole=False)
        return done
