"""The domain is arithmetic and rules: no clock, no chance, no outside, no float."""

import ast
import sys

import pytest

from tests.architecture.source import calls, imports, modules, place, tree

DOMAIN = modules("pharmacy/domain")
OUTSIDE = frozenset(
    [
        "now",
        "today",
        "utcnow",
        "fromtimestamp",
        "time_ns",
        "monotonic",
        "perf_counter",
        "sleep",
        "open",
        "getenv",
        "environ",
        "random",
        "randint",
        "choice",
        "shuffle",
        "token_hex",
        "uuid4",
        "uuid7",
        "print",
        "input",
        "system",
        "run",
    ]
)
INEXACT = frozenset({"float", "round", "normalize", "from_float"})
CLOCKS_AND_CHANCE = frozenset(
    {"time", "random", "secrets", "os", "io", "socket", "subprocess", "threading", "logging"}
)


@pytest.mark.parametrize("path", DOMAIN, ids=lambda path: path.stem)
def test_the_domain_imports_itself_and_the_standard_library_alone(path) -> None:
    for name in imports(path):
        top = name.partition(".")[0]
        assert name.startswith("pharmacy.domain") or top in sys.stdlib_module_names, name
        assert top not in CLOCKS_AND_CHANCE, name


@pytest.mark.parametrize("path", DOMAIN, ids=lambda path: path.stem)
def test_the_domain_asks_no_clock_no_chance_and_nobody_outside(path) -> None:
    asked = [place(path, node) for name, node in calls(path) if name in OUTSIDE]
    # `time(18)` is a time of day and `local.time()` its part of an instant; `time()` and `time.time()` are clocks.
    asked += [
        place(path, node)
        for name, node in calls(path)
        if name == "time" and not node.args and ast.unparse(node.func) in {"time", "time.time"}
    ]

    assert asked == []


@pytest.mark.parametrize("path", DOMAIN, ids=lambda path: path.stem)
def test_the_domain_holds_no_float(path) -> None:
    inexact = [place(path, node) for name, node in calls(path) if name in INEXACT]
    inexact += [
        place(path, node)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
    ]

    assert inexact == []


def test_rounding_outside_the_domain_is_not_left_to_the_language() -> None:
    for folder in ("pharmacy/web", "pharmacy/usecases", "pharmacy/store"):
        for path in modules(folder):
            assert [place(path, node) for name, node in calls(path) if name in {"round", "float"}] == []
