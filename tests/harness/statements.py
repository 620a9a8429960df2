"""Find the statements that a tenant's handle runs in the source: places, texts and numbers of arguments."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("key_services", "schema", "service", "vocabulary", "workers")
METHODS = {"fetch", "fetchrow", "fetchval", "execute"}
# Composes statements from the configuration of each kind of row; tests/unit/workers/test_work_queue.py reads them.
COMPOSED = "workers/work_queue.py"
# Placeholder for text that is only known at run time.
OPEN = "…"


class Call(NamedTuple):
    """A call of a tenant's handle; `arguments` counts those after the statement, None if unknown."""

    place: str
    statements: tuple[str, ...]
    arguments: int | None


def calls_of_tenants() -> list[Call]:
    """Return each call in the product, in the order of the files."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [call for path in paths if path != ROOT / COMPOSED for call in _Source(path).calls()]


class _Source:
    """One module, imported for its constants and parsed for its calls."""

    def __init__(self, path: Path) -> None:
        self._path = path.relative_to(ROOT)
        self._tree = ast.parse(path.read_text())

    def calls(self) -> Iterator[Call]:
        """Yield the calls of each function."""
        for function in ast.walk(self._tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and _is_of_tenant(node.func):
                        given = node.args[1:]
                        is_open = any(isinstance(each, ast.Starred) for each in given)
                        texts = tuple(self._texts(function, node.args[0]))
                        yield Call(f"{self._path}:{node.lineno}", texts, None if is_open else len(given))

    def _constant(self, name: str) -> Any:
        return getattr(importlib.import_module(".".join(self._path.with_suffix("").parts)), name, None)

    def _texts(self, function: ast.FunctionDef | ast.AsyncFunctionDef, expression: ast.expr) -> Iterator[str]:
        """Yield the texts that an expression can have at run time."""
        match expression:
            case ast.Constant(value=str(text)):
                yield text
            case ast.IfExp():
                yield from self._texts(function, expression.body)
                yield from self._texts(function, expression.orelse)
            case ast.JoinedStr():
                yield "".join(self._part(each) for each in expression.values)
            case ast.Subscript(value=ast.Name(id=name)):
                yield from self._constant(name).values()
            case ast.Call():
                yield self._composed(expression)
            case ast.Name(id=name) if isinstance(constant := self._constant(name), str):
                yield constant
            case ast.Name(id=name):
                for each in self._bound(function, name):
                    yield from self._texts(function, each)

    def _part(self, part: ast.expr) -> str:
        """Return the text of a part of an f-string."""
        match part:
            case ast.Constant(value=str(text)):
                return text
            case ast.FormattedValue(value=ast.Name(id=name)) if isinstance(constant := self._constant(name), str):
                return constant
        return OPEN

    def _composed(self, call: ast.Call) -> str:
        """Return a formatted text with its constants filled in."""
        names = [each.id for each in ast.walk(call) if isinstance(each, ast.Name)]
        constants = [self._constant(name) for name in names]
        composing = [each.__wrapped__ for each in constants if hasattr(each, "__wrapped__")]
        texts = [*constants, *(each for function in composing for each in _constants_of(function))]
        return OPEN.join([OPEN, *(each for each in texts if isinstance(each, str))])

    def _bound(self, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Iterator[ast.expr]:
        """Yield what a local is assigned to, iterates over, or is passed in this module."""
        for node in ast.walk(function):
            match node:
                case ast.Assign(targets=[ast.Name(id=found)]) if found == name:
                    yield node.value
                case ast.For(target=ast.Tuple(elts=[ast.Name(id=found), *_]), iter=ast.Tuple()) if found == name:
                    yield from (each.elts[0] for each in node.iter.elts if isinstance(each, ast.Tuple))
        parameters = [each.arg for each in function.args.args if each.arg != "self"]
        if name in parameters:
            place = parameters.index(name)
            for node in ast.walk(self._tree):
                if isinstance(node, ast.Call) and _name_of(node.func) == function.name and len(node.args) > place:
                    yield node.args[place]


def _constants_of(function: FunctionType) -> list[Any]:
    """Return the constants of its module that a function with a cache composes statements of."""
    return [function.__globals__.get(name) for name in function.__code__.co_names]


def _is_of_tenant(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and func.attr in METHODS and _name_of(func.value) == "tenant"


def _name_of(expression: ast.expr) -> str | None:
    """Return the last name of `a.b.c`."""
    return getattr(expression, "attr", getattr(expression, "id", None))
