"""One way to try what a form asks for: done and led on, or the same page again with the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import redirect

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import PharmacyError
from pharmacy.store.sessions import Session
from pharmacy.web.console.forms import Form
from pharmacy.web.console.signature import require_signature
from pharmacy.web.console.tries import attempt
from pharmacy.web.errors import status_of

# What is done with the books open, by whom and when.
Work = Callable[[Session, Actor, datetime], Any]


def tried(work: Work, form: Form, again: Callable[[Form], str], onward: str) -> Any:
    """What was asked for is done, and the person led `onward`; or the page `again`, with what was typed.

    What is not there at all has a page of its own. A form that lacks something already is not tried.
    """
    if form.faults:
        return again(form), 422
    one = attempt(form, work)
    return (again(one.form), one.status) if one.is_refused else redirect(onward, code=303)


def tried_signed(work: Work, form: Form, again: Callable[[Form], str], onward: str) -> Any:
    """The same for an act that bears a name: the person says first, once more, who they are."""
    if form.faults:
        return again(form), 422
    try:
        require_signature()
    except PharmacyError as refusal:
        return again(form.refused(refusal, {*form.values, "signature"})), status_of(refusal)
    return tried(work, form, again, onward)
