"""What tests read out of answers."""

from typing import Any

from sqlalchemy import Connection
from werkzeug.test import TestResponse

from tests.books import row_counts

PROBLEM = "application/problem+json"


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """The problem document of a refusal with that status."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == PROBLEM
    document: dict[str, Any] = answer.get_json()
    assert document["status"] == status
    assert document["type"].startswith("https://")
    assert document["title"]
    assert document["detail"]
    return document


def pointers(answer: TestResponse, status: int | None = None) -> list[str]:
    """Where the faults of a refusal are: 400 for a request out of shape, 422 for one against a rule."""
    is_out_of_shape = kind(answer, answer.status_code) == "shape"
    due = (400 if is_out_of_shape else 422) if status is None else status
    return [fault["pointer"] for fault in problem(answer, due)["errors"]]


def kind(answer: TestResponse, status: int) -> str:
    """The last part of the problem's type."""
    return str(problem(answer, status)["type"].rpartition("/")[2])


def weighed(order: dict[str, Any], name: str) -> list[Any]:
    """That figure of every batch, in the order of the lines."""
    return [batch[name] for batch in order["batches"]]


def prices(order: dict[str, Any]) -> dict[str, str]:
    """The amount of every price line by its kind."""
    return {line["kind"]: line["amount_usd"] for line in order["price_lines"]}


def kept(connection: Connection) -> dict[str, int]:
    """How many rows every table has, but for the audit trail: what staff were refused is on record there."""
    return {name: count for name, count in row_counts(connection).items() if not name.startswith("audit")}
