"""Whatever form asks for a signature is not carried out without one: the forms are taken from the templates."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from pharmacy.domain.orders import OrderStatus
from pharmacy.store import adjustments
from pharmacy.web.console import words as console
from tests.builders import an_order
from tests.web.console.pages import Console, words
from tests.web.console.standing import FILLED, REAL, Standing
from tests.work import Work

_TEMPLATES = Path(console.__file__).parent / "templates" / "console"
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_ACTION = re.compile(r"""action="\{\{ url_for\('([a-z_.]+)'""")
# The browser makes a passkey only of what it was offered, and the offer is what is signed.
_SIGNED_BEFORE = {"console.passkey_keep": "console.passkey_offer"}
# One address, several acts: those that are signed.
_NOBODY = UUID(int=1)
# What makes these forms whole, besides what the walk over every page says.
_WHOLE: dict[str, dict[str, str]] = {
    "console.link": {"other_id": str(_NOBODY), "typed": "yes", "reason": "twins in one house, they say"},
    "console.set_setting": {"value": "6", "reason": "stricter from now on", "seen": str(_NOBODY)},
    "console.train": {"competency": "hygiene", "trained_on": "2026-11-20", "method": "watched"},
    "console.approve": {"reason": "the opioid was stopped", "contact": "Dr. Rivera, 9:30"},
}
_ACTS: dict[str, list[dict[str, Any]]] = {
    "console.bench_step": [{"step_name": name} for name in ("release", "reject", "destroy")],
    "console.stock_act": [{"act_name": name} for name in ("release", "reject", "destroy")],
    "console.recall_act": [{"act_name": "close"}],
    "console.keep": [
        {"deed_name": name}
        for name in ("disable", "enable", "open-again", "reset-password", "reset-factor", "end-sign-ins")
    ],
    "console.link": [{"deed_name": name} for name in ("merge", "unmerge", "tell-apart")],
}


def signed_forms() -> list[str]:
    """Where the forms lead that have a field for a signature."""
    found = {
        action
        for template in _TEMPLATES.glob("*.html")
        for form in _FORM.findall(template.read_text())
        if re.search(r"\bsignature\(", form)
        for action in _ACTION.findall(form)[:1]
    }
    return sorted({_SIGNED_BEFORE.get(each, each) for each in found})


def _ask_for_a_change(console: Console, prescription_id: UUID) -> None:
    path = f"/prescriptions/{prescription_id}/adjust"
    change = {"kind": "move_time_of_day", "time_of_day": "morning", "usual_bedtime": "22:30"}
    typed = {**console.hidden(path), **change, "step": "record", "reason": "Vivid dreams every night."}
    assert console.client.post(f"/console{path}", data=typed).status_code == 303


@pytest.fixture
def addresses(app: Flask, work: Work, iris: Console) -> Callable[[str], list[str]]:
    """Every signed act of that endpoint, on something that stands where there is something."""
    standing = Standing(work)
    # What is approved with a signature sets aside what the rules found.
    against = work.bring_to(OrderStatus.IN_REVIEW, an_order(opioid_last_14_days="yes"))
    _ask_for_a_change(iris, standing.real("prescription_id"))
    with work.sessions.read() as session:
        asked_id = adjustments.of_prescription(session, standing.real("prescription_id"))[0].id
    others: dict[str, dict[str, Any]] = {
        "console.approve": {"order_id": against},
        "console.accept_change": {"adjustment_id": asked_id},
        "console.set_setting": {"name": "training_months"},
    }
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}

    def of(endpoint: str) -> list[str]:
        found = []
        for act in _ACTS.get(endpoint, [{}]):
            parts = {
                name: standing.real(name) if name in REAL else _NOBODY for name in rules[endpoint].arguments
            }
            with app.test_request_context():
                parts |= others.get(endpoint, {}) | act
                found.append(str(app.url_map.bind("").build(endpoint, parts)))
        return found

    return of


def test_no_form_that_is_to_be_signed_is_carried_out_without_a_signature(
    iris: Console, addresses: Callable[[str], list[str]]
) -> None:
    assert len(signed_forms()) > 20
    token = iris.hidden("/orders")["csrf_token"]
    unguarded = []
    for endpoint in signed_forms():
        filled = FILLED.get(endpoint, {}) | _WHOLE.get(endpoint, {})
        whole = {"version": "1", **filled, "csrf_token": token, "signature": ""}
        for path in addresses(endpoint):
            answer = iris.client.post(path, data=whole)
            if "Sign with your password." not in words(answer):
                unguarded.append(f"{path}: {answer.status_code}")

    assert unguarded == []
