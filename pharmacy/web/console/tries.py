"""One try at an act by a form: done, or the form with the reason why not, and the refusal on record.

What a rule refuses is rolled back whole, so the refusal is written down in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotFound, PharmacyError
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.refusals import Of, Refused, put_refusal_on_record
from pharmacy.usecases.scanned_bench import NothingScanned
from pharmacy.web.console.forms import Form
from pharmacy.web.console.language import as_recorded
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.signature import require_signature
from pharmacy.web.current import operation_asked, the_pharmacy
from pharmacy.web.errors import status_of

_Done = TypeVar("_Done")
Work = Callable[[Session, Actor, datetime], _Done]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Generic[_Done]):
    """What came of it: `done` is what the act answered; after a refusal the form says why, with the HTTP status."""

    done: _Done | None
    form: Form
    status: int = 200

    @property
    def is_refused(self) -> bool:
        return self.form.is_refused


def attempt(
    form: Form,
    work: Work[_Done],
    *,
    of: Of = Of.STAFF,
    about: UUID | None = None,
    is_signed: bool = False,
) -> Attempt[_Done]:
    """The act in a transaction of its own. What is not there is a page that is not there, scans excepted.

    `about` is what the refusal is on record about, and `of` its kind; `is_signed` asks for the person's password
    first.
    """
    pharmacy = the_pharmacy()
    try:
        if is_signed:
            require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            return Attempt(done=work(session, the_actor(), pharmacy.clock()), form=form)
    except NothingScanned as refusal:
        return Attempt(done=None, form=form.refused(refusal), status=422)
    except NotFound:
        raise
    except PharmacyError as refusal:
        if about is not None:
            refused = Refused(of=of, subject_id=about, asked=operation_asked(), refusal=refusal)
            with as_recorded():
                put_refusal_on_record(pharmacy.sessions, refused, by=the_actor(), now=pharmacy.clock())
        return Attempt(done=None, form=form.refused(refusal), status=status_of(refusal))
