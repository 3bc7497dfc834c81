"""The bench: one batch from its first weighing to its release, each step a form.

What is not carried out shows the batch as it is now, says why, and keeps what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import BatchKind
from pharmacy.domain.errors import NotFound, PharmacyError, Unfit
from pharmacy.domain.orders import Role
from pharmacy.domain.quantities import Milligrams
from pharmacy.store import batches, bench_work
from pharmacy.store.batches import Batch
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.check_batch import Counted, Looked, Weighed, check_batch, reconcile_batch
from pharmacy.usecases.make_batch import Blended, Filled, blend, fill
from pharmacy.usecases.plan_batch import scanned_of
from pharmacy.usecases.release_batch import ReleaseRequest, release_batch
from pharmacy.usecases.weigh_batch import (
    Reading,
    calculation_of,
    check_weighing,
    record_weighing,
    step_named,
)
from pharmacy.web.console.batch_room import Step, batch_room
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import given
from pharmacy.web.console.frame import frame
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.words import with_days_in_words
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import needs_role, signed_in

_DECIMAL = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,6})?")
_COUNT = re.compile(r"[0-9]{1,5}")
_LONGEST_TEXT = 500


@dataclass(eq=False)
class NoNumber(Unfit):
    what: str

    def __str__(self) -> str:
        return f"{self.what} is a number, with a point before the decimals."


@blueprint.get("/batches/<number>")
@signed_in
def batch_page(number: str) -> Any:
    """The batch, and what is due next."""
    return _page(number, {}, "")


@blueprint.post("/batches/<number>/<step_name>")
@needs_role(Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
def bench_step(number: str, step_name: str) -> Any:
    """The step is done and the batch shown; or the batch shown with the reason why not."""
    if step_name not in set(Step):
        raise batches.BatchNotFound
    pharmacy = the_pharmacy()
    try:
        with told_apart(), pharmacy.sessions.write() as session:
            batch_id = batches.numbered(session, number).id
            _STEPS[Step(step_name)](session, batch_id, the_actor(), pharmacy.clock())
    except NotFound:
        raise
    except PharmacyError as refusal:
        typed = {name: value[:_LONGEST_TEXT] for name, value in request.form.items()}
        return _page(number, typed, with_days_in_words(str(refusal))), status_of(refusal)
    return redirect(url_for("console.batch_page", number=number), code=303)


def _page(number: str, typed: Mapping[str, str], refusal: str) -> str:
    with told_apart(), the_pharmacy().sessions.read() as session:
        batch = batches.numbered(session, number)
        room = batch_room(
            batch,
            calculation_of(batch).weighings,
            bench_work.weighings_of(session, batch.id),
            scanned_of(session, batch).balance or "",
            the_actor(),
        )
        around = frame(session, "bench")
    return render_template("console/batch.html", frame=around, batch=room, typed=typed, refusal=refusal)


def _weigh(session: Session, batch_id: UUID, by: Actor, now: datetime) -> Batch:
    reading = Reading(
        step=step_named(given("weighing")), read=_mass("read_mg", "The reading"), balance=given("balance"),
        on=the_viewer().today,
    )  # fmt: skip
    return record_weighing(session, batch_id, reading, by=by, now=now)


def _sign(session: Session, batch_id: UUID, by: Actor, now: datetime) -> Batch:
    return check_weighing(
        session, batch_id, step_named(given("weighing")), the_viewer().today, by=by, now=now
    )


def _blend(session: Session, batch_id: UUID, by: Actor, now: datetime) -> Batch:
    looks = Blended(appearance=_text("appearance", "How the blend looks"), on=the_viewer().today)
    return blend(session, batch_id, looks, by=by, now=now)


def _fill(session: Session, batch_id: UUID, by: Actor, now: datetime) -> Batch:
    is_counted = batches.get(session, batch_id).kind is BatchKind.CAPSULES
    capsules = _count("capsules", "The number of filled capsules") if is_counted else None
    return fill(session, batch_id, Filled(capsules=capsules, on=the_viewer().today), by=by, now=now)


def _check(session: Session, batch_id: UUID, by: Actor, now: datetime) -> Batch:
    today = the_viewer().today
    if batches.get(session, batch_id).kind is not BatchKind.CAPSULES:
        looked = Looked(conforms=True, remark=_text("remark", "How it looks"), on=today)
        return check_batch(session, batch_id, looked, by=by, now=now)
    weighed = Weighed(
        gross=tuple(_milligrams(each, "gross_mg", "Each weight") for each in given("gross_mg").split()),
        mean_shell=_mass("shell_mg", "The mean empty shell"),
        awaits_laboratory=False,
        on=today,
    )
    return check_batch(session, batch_id, weighed, by=by, now=now)


def _count_up(session: Session, batch_id: UUID, by: Actor, now: datetime) -> Batch:
    counted = Counted(
        released=_count("released", "The number for release"),
        rejected=_count("rejected", "The number rejected"),
        retained=_count("retained", "The number retained"),
        waste=_mass("waste_mg", "The waste"),
        on=the_viewer().today,
    )
    return reconcile_batch(session, batch_id, counted, by=by, now=now)


def _release(session: Session, batch_id: UUID, by: Actor, now: datetime) -> Batch:
    request_made = ReleaseRequest(on=the_viewer().today, assessment=given("assessment") or None)
    return release_batch(session, batch_id, request_made, by=by, now=now)


_STEPS: Mapping[Step, Callable[[Session, UUID, Actor, datetime], Batch]] = {
    Step.WEIGH: _weigh,
    Step.SIGN: _sign,
    Step.BLEND: _blend,
    Step.FILL: _fill,
    Step.CHECK: _check,
    Step.COUNT: _count_up,
    Step.RELEASE: _release,
}


def _text(name: str, what: str) -> str:
    text = given(name)[:_LONGEST_TEXT]
    if not text:
        raise NoText(what, where=(name,))
    return text


@dataclass(eq=False)
class NoText(Unfit):
    what: str

    def __str__(self) -> str:
        return f"{self.what} is due, in words."


def _mass(name: str, what: str) -> Milligrams:
    return _milligrams(given(name), name, what)


def _milligrams(text: str, name: str, what: str) -> Milligrams:
    if not _DECIMAL.fullmatch(text):
        raise NoNumber(what, where=(name,))
    return Milligrams(Decimal(text))


def _count(name: str, what: str) -> int:
    if not _COUNT.fullmatch(given(name)):
        raise NoNumber(what, where=(name,))
    return int(given(name))
