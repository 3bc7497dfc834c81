"""Answers every request with its own process number."""

import os
from collections.abc import Callable, Iterable
from typing import Any


def from_environment() -> Callable[..., Iterable[bytes]]:
    def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(os.getpid()).encode()]

    return application
