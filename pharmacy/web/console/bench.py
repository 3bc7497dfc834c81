"""The bench: one batch from its scanned lots to its release, each step a form.

What is not carried out shows the batch as it is now, says why, keeps what was typed, and is on record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.batches import BatchKind
from pharmacy.domain.errors import Unfit
from pharmacy.domain.orders import Role
from pharmacy.domain.quantities import Milligrams
from pharmacy.store import batches
from pharmacy.store.batches import Batch
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.allocate_capsules import CapsulesAsked, Shelf, allocate, withdraw
from pharmacy.usecases.bench_room import bench_room
from pharmacy.usecases.check_batch import (
    Assayed,
    Counted,
    Looked,
    Weighed,
    check_batch,
    reconcile_batch,
)
from pharmacy.usecases.end_batches import Destruction, destroy_batch
from pharmacy.usecases.make_batch import Blended, blend, fill
from pharmacy.usecases.recognise_scan import scanned_from
from pharmacy.usecases.refusals import Of
from pharmacy.usecases.release_batch import (
    Rejection,
    ReleaseRequest,
    record_deviation,
    reject_batch,
    release_batch,
)
from pharmacy.usecases.scanned_bench import Scanned
from pharmacy.usecases.swap_lots import swap_lots
from pharmacy.usecases.take_shells import Filled
from pharmacy.usecases.weigh_batch import (
    Reading,
    check_weighing,
    record_weighing,
    step_named,
)
from pharmacy.web.console.batch_promises import PromiseAct
from pharmacy.web.console.batch_room import BatchRoom, BesidesAct, Step, batch_room
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext
from pharmacy.web.console.order import reference_of_today
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.tries import attempt
from pharmacy.web.console.typed import a_count, a_mass, a_text, number_of
from pharmacy.web.console.words import in_words, instant_moment, with_days_in_words
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role, signed_in

_FIELDS = (
    "weighing", "read_mg", "balance", "scans", "appearance", "capsules", "shell_lot", "gross_mg", "shell_mg",
    "conforms", "remark", "laboratory", "contents_pct", "released", "rejected", "retained", "waste_mg",
    "assessment", "exception_reason", "reason", "wording", "order_line_id",
)  # fmt: skip
_BENCH = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_SIGNED = frozenset({Step.RELEASE.value, BesidesAct.REJECT.value, BesidesAct.DESTROY.value})
# A scanner types one scan a line into the field.
_LONGEST = 2000


@blueprint.get("/batches/<number>")
@signed_in
def batch_page(number: str) -> Any:
    """The batch, and what is due next; readings and weights in the address are drawn and not recorded."""
    asked = Form(
        values={name: tuple(request.args.getlist(name)[:20]) for name in ("read_mg", "gross_mg", "shell_mg")}
    )
    return _page(number, asked)


@blueprint.post("/batches/<number>/<step_name>")
@needs_role(*_BENCH)
def bench_step(number: str, step_name: str) -> Any:
    """The step is done and the batch shown; or the batch shown with the reason why not."""
    if step_name not in _STEPS:
        raise batches.BatchNotFound
    with told_apart(), the_pharmacy().sessions.read() as session:
        batch_id = batches.numbered(session, number).id
    form = Form.typed(*_FIELDS, name="" if step_name in set(Step) else step_name, longest=_LONGEST)
    tried = attempt(
        form,
        lambda session, by, now: _STEPS[step_name](session, batch_id, form, by, now),
        of=Of.BATCH,
        about=batch_id,
        is_signed=step_name in _SIGNED,
    )
    if tried.is_refused:
        return _page(number, tried.form), tried.status
    changed = tried.done if isinstance(tried.done, list) else []
    if changed:
        return _page(number, Form(), changed)
    return redirect(url_for("console.batch_page", number=number), code=303)


def _page(number: str, form: Form, changed: list[str] | None = None) -> str:
    with told_apart(), the_pharmacy().sessions.read() as session:
        facts = bench_room(session, batches.numbered(session, number))
        room: BatchRoom = batch_room(facts, form, the_actor())
        around = frame(session, "batches")
    return render_template(
        "console/batch.html",
        frame=around,
        batch=room,
        form=form,
        # What was typed beside the due step does not stand in its fields.
        due_form=Form() if form.name else form,
        in_words=in_words,
        at_moment=lambda at: instant_moment(at, the_pharmacy().zone),
        form_of=lambda name: form if form.name == name else Form(name=name),
        changed=[with_days_in_words(each) for each in changed or ()],
    )


def _today() -> date:
    return the_viewer().today


def shelf_of_today(session: Session) -> Shelf:
    """What allocating needs besides the books."""
    return Shelf(reference=reference_of_today(session), imprint=the_pharmacy().imprint)


def _lots(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> list[str]:
    """The scanned lots; the proposed ones where nothing was scanned. What that changed is told."""
    scanned = scanned_from(session, form["scans"].splitlines(), _today()) if form["scans"] else Scanned()
    _, changed = swap_lots(session, batch_id, scanned, shelf_of_today(session), by=by, now=now)
    return changed


def _weigh(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    reading = Reading(
        step=step_named(form["weighing"]),
        read=a_mass(form, "read_mg", gettext("The reading")),
        balance=form["balance"],
        on=_today(),
    )
    return record_weighing(session, batch_id, reading, by=by, now=now)


def _sign(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    return check_weighing(session, batch_id, step_named(form["weighing"]), _today(), by=by, now=now)


def _blend(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    looks = Blended(appearance=a_text(form, "appearance", gettext("How the blend looks")), on=_today())
    return blend(session, batch_id, looks, by=by, now=now)


def _fill(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    is_counted = batches.get(session, batch_id).kind is BatchKind.CAPSULES
    capsules = a_count(form, "capsules", gettext("The number of filled capsules")) if is_counted else None
    filled = Filled(capsules=capsules, on=_today(), shell_lot=form["shell_lot"] or None)
    return fill(session, batch_id, filled, by=by, now=now)


def _check(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    if batches.get(session, batch_id).kind is not BatchKind.CAPSULES:
        conforms = form["conforms"] != "no"
        looked = Looked(
            conforms=conforms, remark=a_text(form, "remark", gettext("How it looks")), on=_today()
        )
        return check_batch(session, batch_id, looked, by=by, now=now)
    weighed = Weighed(
        gross=tuple(
            Milligrams(number_of(each, "gross_mg", gettext("Each weight")))
            for typed in form.chosen("gross_mg")
            for each in typed.split()
        ),
        mean_shell=a_mass(form, "shell_mg", gettext("The mean empty shell")),
        awaits_laboratory=bool(form["laboratory"]),
        on=_today(),
    )
    return check_batch(session, batch_id, weighed, by=by, now=now)


def _assay(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    typed = " ".join(form.chosen("contents_pct")).split()
    contents = tuple(number_of(each, "contents_pct", gettext("Each content")) for each in typed)
    return check_batch(session, batch_id, Assayed(contents_pct=contents, on=_today()), by=by, now=now)


def _count_up(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    counted = Counted(
        released=a_count(form, "released", gettext("The number for release")),
        rejected=a_count(form, "rejected", gettext("The number rejected")),
        retained=a_count(form, "retained", gettext("The number retained")),
        waste=a_mass(form, "waste_mg", gettext("The waste")),
        on=_today(),
    )
    return reconcile_batch(session, batch_id, counted, by=by, now=now)


def _release(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    request_made = ReleaseRequest(
        on=_today(),
        assessment=form["assessment"] or None,
        exception_reason=form["exception_reason"] or None,
    )
    return release_batch(session, batch_id, request_made, by=by, now=now)


def _deviate(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    wording = a_text(form, "wording", gettext("What went otherwise"))
    return record_deviation(session, batch_id, wording, by=by, now=now)


def _quarantine(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    return _reject(session, batch_id, form, by, now, into_quarantine=True)


def _reject(
    session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime, *, into_quarantine: bool = False
) -> Batch:
    rejection = Rejection(
        reason=a_text(form, "reason", gettext("The reason")), into_quarantine=into_quarantine, on=_today()
    )
    return reject_batch(session, batch_id, rejection, by=by, now=now)


def _destroy(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    done = Destruction(batch_id=batch_id, reason=a_text(form, "reason", gettext("The reason")), on=_today())
    return destroy_batch(session, done, by=by, now=now)


def _allocate(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    asked = CapsulesAsked(
        order_line_id=_line_id(form), capsules=a_count(form, "capsules", gettext("The number of capsules"))
    )
    return allocate(session, batch_id, asked, shelf_of_today(session), by=by, now=now)


def _withdraw(session: Session, batch_id: UUID, form: Form, by: Actor, now: datetime) -> Batch:
    return withdraw(session, batch_id, _line_id(form), by=by, now=now)


def _line_id(form: Form) -> UUID:
    try:
        return UUID(form["order_line_id"])
    except ValueError:
        raise LineDue(where=("order_line_id",)) from None


class LineDue(Unfit):
    def __str__(self) -> str:
        return gettext("One of the lines that lack capsules is due here.")


_STEPS: Mapping[str, Callable[[Session, UUID, Form, Actor, datetime], Any]] = {
    Step.LOTS: _lots,
    Step.WEIGH: _weigh,
    Step.SIGN: _sign,
    Step.BLEND: _blend,
    Step.FILL: _fill,
    Step.CHECK: _check,
    Step.ASSAY: _assay,
    Step.COUNT: _count_up,
    Step.RELEASE: _release,
    BesidesAct.DEVIATE: _deviate,
    BesidesAct.QUARANTINE: _quarantine,
    BesidesAct.REJECT: _reject,
    BesidesAct.DESTROY: _destroy,
    PromiseAct.ALLOCATE: _allocate,
    PromiseAct.WITHDRAW: _withdraw,
}
