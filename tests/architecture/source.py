"""The source of the project as syntax trees, for tests about how it is built."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def modules(folder: str) -> list[Path]:
    """Every module below the folder."""
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, folder
    return found


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call in the module with the last part of what is called: `now` for `datetime.now()`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name):
                yield called.id, node
            elif isinstance(called, ast.Attribute):
                yield called.attr, node


def imports(path: Path) -> Iterator[str]:
    """The full name of every module that is imported, wherever in the module."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', '?')}"
