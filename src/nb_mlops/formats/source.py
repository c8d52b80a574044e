"""The source that a class or function needs to live elsewhere: itself, what it refers to, and their imports.

Names are resolved statically (Python's own symbol tables) and looked up where the object looks them up, its module's
globals. The text that comes out is canonical: the same definitions give the same text, in whatever order they were run.
"""

from __future__ import annotations

import __future__

import ast
import builtins
import importlib.util
import inspect
import linecache
import re
import symtable
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import FunctionType, ModuleType

from nb_mlops.core.errors import Unsupported
from nb_mlops.formats.carried import NOTEBOOK_FILE, PREFIX, Code, files_of
from nb_mlops.formats.graph import NOTEBOOK, is_local

Definition = type | FunctionType
_LARGEST_CONSTANT = 20_000  # characters of its repr: above, it is data and belongs into files= or an attribute
_SECRET = re.compile(r"passw(or)?d|secret|api_?key|(auth|access|bearer)_?token|_token$|^token$|credential", re.IGNORECASE)


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
    files |= _module_files(notebook.modules, local_modules, alone=not files)
    return Gathered(Code(files), notebook.imported | _imports_of(files), notebook.warnings)


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
        node, text = _definition(obj)
        self.futures |= _futures(obj)
        at_once, anywhere = _names(text, node.name, lazy="annotations" in self.futures)
        self.definitions[name] = _Found(text, at_once, anywhere - at_once)
        for needed in sorted(anywhere):
            self._need(needed, obj)

    def _need(self, name: str, by: Definition) -> None:
        space = _globals(by)
        if name not in space:
            if not hasattr(builtins, name):
                self.warnings.append(f"{by.__name__} uses {name}, which is not defined here.")
            return
        value = space[name]
        if isinstance(value, ModuleType):
            self._import_module(name, value, self.definitions[by.__name__].text)
        elif isinstance(value, Definition) and value.__module__ == NOTEBOOK:
            self._bound_definition(name, value, by)
        elif line := _import_line(name, value):
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
        text = _literal(value)
        if text is None or len(text) > _LARGEST_CONSTANT:
            raise Unsupported(
                f"{by.__name__} uses the notebook's {name}, a {type(value).__name__} that can't travel as source.",
                f"Hand {name} over as an argument (functools.partial), as an attribute set in fit, or as a file (files=).",
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


def _definition(obj: Definition) -> tuple[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, str]:
    """The statement that defined the object, and its text, decorators included."""
    for lines, line_number in _places(obj):
        source = "".join(lines)
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue
        nodes = [node for node in _statements(tree.body) if _defines(node, obj, line_number)]
        if nodes:
            node = nodes[-1]
            start = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            return node, textwrap.dedent("".join(source.splitlines(keepends=True)[start - 1 : node.end_lineno])).strip()
    raise Unsupported(
        f"The source of {obj.__name__} is not to be found, so it can't travel with the model.",
        "Define it in a notebook cell or a .py file (a plain `python` prompt keeps no source), and fit again.",
    )


def _defines(node: ast.stmt, obj: Definition, line_number: int | None) -> bool:
    kind = ast.ClassDef if isinstance(obj, type) else (ast.FunctionDef, ast.AsyncFunctionDef)
    if not isinstance(node, kind) or node.name != obj.__name__:
        return False
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return line_number is None or first <= line_number <= (node.end_lineno or node.lineno)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Definitions at the top level, those under `if`, `try` and `with` included."""
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node
            continue
        for part in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(node, part, []))
        for handler in getattr(node, "handlers", []):
            yield from _statements(handler.body)


def _places(obj: Definition) -> Iterator[tuple[list[str], int | None]]:
    """Where the source may stand: the file or cell that the code objects name; for a class without any, all cells."""
    for function in _functions_of(obj):
        lines = linecache.getlines(function.__code__.co_filename)
        if lines:
            yield lines, function.__code__.co_firstlineno
    if isinstance(obj, type):
        file = getattr(sys.modules.get(obj.__module__), "__file__", None)
        cells = [name for name in linecache.cache if "ipykernel" in name or name.startswith("<ipython-input")]
        for name in [*reversed(cells), *([file] if file else [])]:
            yield linecache.getlines(name), None


def _functions_of(obj: Definition) -> list[FunctionType]:
    """The function as it was written, below its decorators; for a class, those written in its body."""
    if isinstance(obj, FunctionType):
        written = inspect.unwrap(obj)
        return [written] if isinstance(written, FunctionType) else [obj]
    found = []
    for value in vars(obj).values():
        function = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
        # scikit-learn wraps `transform` of every subclass, so that its globals are scikit-learn's
        function = inspect.unwrap(function) if callable(function) else function
        if isinstance(function, FunctionType) and function.__qualname__.startswith(obj.__qualname__ + "."):
            found.append(function)
    return found


def _globals(obj: Definition) -> dict[str, object]:
    for function in _functions_of(obj):
        if function.__globals__.get("__name__") == obj.__module__:
            return function.__globals__
    return vars(sys.modules[obj.__module__])


def _futures(obj: Definition) -> set[str]:
    flags = [each.__code__.co_flags for each in _functions_of(obj)]
    return {"annotations"} if any(flag & __future__.annotations.compiler_flag for flag in flags) else set()


def _names(text: str, own: str, *, lazy: bool) -> tuple[set[str], set[str]]:
    """The global names a definition needs at once, and all it needs ever."""
    prefix = "from __future__ import annotations\n" if lazy else ""
    table = symtable.symtable(prefix + text, "<definition>", "exec")
    everything = _referenced(table, top=True) - {own, "annotations"}
    at_once = {
        node.id
        for node in _evaluated_at_once(ast.parse(text).body[0], lazy=lazy)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    return at_once & everything, everything


def _referenced(table: symtable.SymbolTable, *, top: bool = False) -> set[str]:
    names = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if (symbol.is_referenced() and (top or symbol.is_global())) or (symbol.is_declared_global() and not top)
    }
    if table.get_type() == "class":
        # A name both read and set in a class body may be the global one: `limit = limit`.
        names |= {each.get_name() for each in table.get_symbols() if each.is_referenced() and each.is_local()}
    for child in table.get_children():
        names |= _referenced(child)
    return names


def _evaluated_at_once(node: ast.AST, *, lazy: bool) -> Iterator[ast.AST]:
    """The nodes that run when the definition runs: all but the bodies of functions."""
    yield node
    for name, value in ast.iter_fields(node):
        is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        if (is_function and name == "body") or (lazy and name in ("annotation", "returns")):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _evaluated_at_once(child, lazy=lazy)


def _import_line(name: str, value: object) -> str | None:
    """`from module import thing as name` where that gives this very object, or None."""
    module = getattr(value, "__module__", None) or getattr(type(value), "__module__", None)
    original = getattr(value, "__name__", name)
    homes = [module, *(home for home, _ in _imported_as(name))]
    for home, known in [(homes[0], original), *_imported_as(name)]:
        found = sys.modules.get(home) if isinstance(home, str) else None
        if found is not None and home != NOTEBOOK and vars(found).get(known, found) is value:
            return f"from {home} import {known}" + (f" as {name}" if known != name else "")
    return None


def _imported_as(name: str) -> Iterator[tuple[str, str]]:
    """`from home import known as name` statements of the cells that were run and of the script."""
    script = getattr(sys.modules.get(NOTEBOOK), "__file__", None)
    cells = [each for each in linecache.cache if "ipykernel" in each or each.startswith("<ipython-input")]
    for file in [*reversed(cells), *([script] if script else [])]:
        text = "".join(linecache.getlines(file))
        if "import" not in text or name not in text:
            continue
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from ((node.module, each.name) for each in node.names if (each.asname or each.name) == name)


def _literal(value: object) -> str | None:
    """Source that makes an equal value, for plain constants and containers of them; None for anything else."""
    if value is None or value is Ellipsis or type(value) in (bool, int, str, bytes, complex):
        return repr(value)
    if type(value) is float:
        return repr(value) if value - value == 0 else f"float({str(value)!r})"
    if isinstance(value, re.Pattern):
        return f"__import__('re').compile({value.pattern!r}, {value.flags})"
    if type(value) in (list, tuple, set, frozenset):
        return _literal_items(value)  # type: ignore[arg-type]  # the line above says what it is
    if type(value) is dict:
        pairs = [(_literal(key), _literal(each)) for key, each in value.items()]
        if any(key is None or each is None for key, each in pairs):
            return None
        return "{" + ", ".join(f"{key}: {each}" for key, each in pairs) + "}"
    return None


def _literal_items(value: list[object] | tuple[object, ...] | set[object] | frozenset[object]) -> str | None:
    items = [_literal(each) for each in value]
    known = [each for each in items if each is not None]
    if len(known) < len(items):
        return None
    if isinstance(value, (set, frozenset)):
        inner = f"{{{', '.join(sorted(known))}}}" if known else "set()"
        return inner if isinstance(value, set) else f"frozenset({inner})"
    if isinstance(value, tuple):
        return "(" + ", ".join(known) + ("," if len(known) == 1 else "") + ")"
    return "[" + ", ".join(known) + "]"


def _module_files(modules: set[str], local_modules: Sequence[str], *, alone: bool) -> dict[str, str]:
    """The whole text of local modules, of the local ones they import, and of the packages they are in."""
    loaded = {module.partition(".")[0] for module in modules if module.startswith(PREFIX)}
    if alone and len(loaded) == 1 and all(module.startswith(PREFIX) for module in modules):
        return dict(files_of(loaded.pop()))  # stored again as it came: the same text, so the same digest
    files: dict[str, str] = {}
    waiting, seen = sorted(modules), set()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        name, text = _module_file(module)
        files[name] = text
        parent = module.rpartition(".")[0]
        inside = [each for each in _imported_modules(text, module) if is_local(each, local_modules)]
        waiting += [each for each in [*inside, parent] if each and _exists(each)]
    return files


def _module_file(module: str) -> tuple[str, str]:
    spec = importlib.util.find_spec(module)
    loader = spec.loader if spec else None
    text = loader.get_source(module) if loader is not None and hasattr(loader, "get_source") else None
    if spec is None or text is None:
        raise Unsupported(
            f"The source of the local module {module} is not to be found.", "Only modules written in Python can travel."
        )
    path = module.replace(".", "/")
    return (f"{path}/__init__.py" if spec.submodule_search_locations is not None else f"{path}.py"), text


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # `from steps import clean` names a function, not a module
        return False


def _imported_modules(text: str, module: str) -> set[str]:
    """Every dotted name that may be a module imported by the text."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            spec = importlib.util.find_spec(module) if node.level else None
            is_package = spec is not None and spec.submodule_search_locations is not None
            above = module.split(".")[: len(module.split(".")) - node.level + is_package] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{each.name}" for each in node.names)}
    return found


def _imports_of(files: dict[str, str]) -> set[str]:
    return {module.partition(".")[0] for text in files.values() for module in _top_imports(text)}


def _top_imports(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module

