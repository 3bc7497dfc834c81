"""A use case is one function of one shape: (session | sessions, what, *, by, now)."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import pharmacy.usecases

WRITES = ("session.add", "audit.record", "file_", ".write()", "outbox.", "_for_update")


def use_cases() -> Iterator[Callable[..., Any]]:
    """The public functions that are named like their module."""
    for module in pkgutil.iter_modules(pharmacy.usecases.__path__):
        loaded = importlib.import_module(f"pharmacy.usecases.{module.name}")
        function = getattr(loaded, module.name, None)
        if inspect.isfunction(function):
            yield function


ALL = {function.__name__: function for function in use_cases()}
# Not about the books: one works out a plan, one words facts, one carries ids apart.
WITHOUT_BOOKS = {
    "event_document",
    "notice_preview",
    "simulate_titration",
    "option_document",
    "check_draft",
    "each_apart",
}
# What they are told says itself who acts.
SAYS_WHO = {"sign_in", "sign_out", "recognise_staff"}


def test_the_use_cases_are_found() -> None:
    assert {"submit_order", "act_on_order", "make_label", "deliver_notice", "relay_outbox"} <= set(ALL)


@pytest.mark.parametrize("function", ALL.values(), ids=ALL.keys())
def test_a_use_case_takes_the_books_first(function: Callable[..., Any]) -> None:
    names = list(inspect.signature(function).parameters)

    assert (names[0] in {"session", "sessions"}) != (function.__name__ in WITHOUT_BOOKS)


@pytest.mark.parametrize("function", ALL.values(), ids=ALL.keys())
def test_a_use_case_that_writes_is_told_by_whom_and_when(function: Callable[..., Any]) -> None:
    module = inspect.getmodule(function)
    assert module is not None
    source = inspect.getsource(module)
    parameters = inspect.signature(function).parameters
    writes = any(sign in source for sign in WRITES)

    due = {"now"} if function.__name__ in SAYS_WHO else {"by", "now"}
    keyword_only = {name for name, each in parameters.items() if each.kind is inspect.Parameter.KEYWORD_ONLY}
    assert due <= keyword_only or not writes or function.__name__ in WITHOUT_BOOKS


@pytest.mark.parametrize("function", ALL.values(), ids=ALL.keys())
def test_a_use_case_says_what_is_true_afterwards(function: Callable[..., Any]) -> None:
    assert function.__doc__, function.__name__
