"""The house as a stranger finds it: no circles, no crowded folder, each name once."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

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


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """The sets of modules that lead back to themselves (Tarjan 1972)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        number[module] = low[module] = len(number)
        stack.append(module)
        for other in sorted(imports[module]):
            if other not in number:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], number[other])
        if low[module] == number[module]:
            at = stack.index(module)
            found.append(sorted(stack[at:]))
            del stack[at:]

    for module in imports:
        if module not in number:
            visit(module)
    return [circle for circle in found if len(circle) > 1]


def test_a_circle_is_seen() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [["a", "b", "c"]]


def test_no_module_leads_back_to_itself() -> None:
    assert circles({name: imports_of(path) for name, path in MODULES.items()}) == []


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
