"""The house as a stranger finds it: no circles, no crowded folder, each name once."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from functools import cached_property
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from types import FunctionType

ROOT = Path(__file__).parents[1]
MOST_MODULES = 20
FILES = sorted(path for part in ("app", "core") for path in (ROOT / part).rglob("*.py"))
TREES = {path: ast.parse(path.read_text("utf-8")) for path in FILES}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def imports_of(path: Path) -> set[str]:
    """The modules of the house that one names anywhere: for type checkers and in functions too."""
    named: set[str] = set()
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # What is imported from a package may be a module of it; if not, the package is meant.
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            named |= inner & MODULES.keys() or {node.module}
    return named & MODULES.keys() - {name_of(path)}


def test_no_module_leads_back_to_itself() -> None:
    TopologicalSorter({name: imports_of(path) for name, path in MODULES.items()}).prepare()


def test_no_folder_is_crowded() -> None:
    modules = Counter(path.parent for path in FILES if path.name != "__init__.py")
    crowded = {name_of(folder): count for folder, count in modules.items() if count > MOST_MODULES}
    assert crowded == {}


def test_each_class_has_a_name_of_its_own() -> None:
    places: dict[str, list[str]] = {}
    for path in FILES:
        for node in ast.walk(TREES[path]):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(name_of(path))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_each_public_method_says_what_it_is_for() -> None:
    """Itself, or in the class that it overrides."""
    silent = [
        f"{module}.{kind.__name__}.{name}"
        for module in MODULES
        if not module.endswith("__main__")
        for kind in vars(import_module(module)).values()
        if inspect.isclass(kind) and kind.__module__ == module and kind.__name__[0] != "_"
        for name, member in vars(kind).items()
        if name[0] != "_" and isinstance(member, FunctionType | property | cached_property)
        if getattr(member, "__name__", name) != "<lambda>"
        if not inspect.getdoc(getattr(kind, name))
    ]
    assert silent == []
