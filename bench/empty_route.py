"""The floor of every JSON answer: a Flask application that reads a body and answers with an empty object."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

app = Flask(__name__)


@app.post("/empty")
def empty() -> dict[str, Any]:
    """Nothing, as JSON."""
    request.get_json()
    return {}
