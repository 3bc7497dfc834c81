"""Orders for the demonstration, in every state, made by the very acts that make real ones.

Days are counted back from today, so that some notices are due now. Patients are invented, and stay in zones
all around the world: nobody is written to at night, and yet the mailbox is never empty for long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from pharmacy.domain.actors import CLOCKWORK, Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.orders import Act
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.screening import OpioidAnswer
from pharmacy.domain.supply import SupplyMethod
from pharmacy.domain.titration import TimeOfDay, TitrationPlan, once_daily
from pharmacy.store import labels, notices, orders
from pharmacy.store.base import new_id
from pharmacy.store.door import Knock
from pharmacy.store.notices import NoticeState
from pharmacy.store.orders import ORDER_NUMBERS
from pharmacy.store.reference import version
from pharmacy.usecases.act_on_order import ActRequest, Surroundings, act_on_order
from pharmacy.usecases.admission import Admission
from pharmacy.usecases.commands import (
    Authorization,
    ConsentGiven,
    NewPatient,
    Receipt,
    SigningPrescriber,
    Submission,
    SupplyRequest,
)
from pharmacy.usecases.demo_bench import BenchHands, work_off
from pharmacy.usecases.demo_counter import leaving_by, make_ready
from pharmacy.usecases.make_label import keep
from pharmacy.usecases.patient_facts import told_by_hand
from pharmacy.usecases.ports import LabelRenderer
from pharmacy.usecases.reference import read_reference
from pharmacy.usecases.request_labels import Imprint, content_from_facts, request_proofs
from pharmacy.usecases.submit_order import submit_order

DEMO_NPI = "2234567891"
DEMO_PRESCRIBER = "Dr. Rosa Example"
_LONGEST_FILL = 60
# Micrograms and days.
_Steps = tuple[tuple[int, int], ...]
_WEEKLY: _Steps = ((1500, 7), (3000, 7), (4500, 16))
_SLOW: _Steps = ((500, 14), (1000, 14), (1500, 14), (2000, 14))
_BENCH_WORK = (Act.START_REVIEW, Act.APPROVE, Act.RECORD_PAYMENT, Act.START_COMPOUNDING)
_TO_THE_DOOR = (*_BENCH_WORK, Act.FINISH_LABELLING, Act.VERIFY)
# Everybody but the technician acts as the pharmacist; compounding and verifying are two people.
_BY_TECHNICIAN = frozenset({Act.RECORD_PAYMENT, Act.START_COMPOUNDING, Act.FINISH_LABELLING})


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOrder:
    """One invented patient and how far their order has come; `steps` are micrograms and days."""

    patient: str
    zone: str
    days_ago: int
    acts: tuple[Act, ...]
    steps: _Steps = _WEEKLY
    method: SupplyMethod = SupplyMethod.OWN_STRENGTH
    delivery: Delivery = Delivery.MAIL
    opioids: OpioidAnswer | None = OpioidAnswer.NO
    medicines: tuple[str, ...] = ()


DEMO_ORDERS = (
    DemoOrder(patient="Alma Reyes", zone="America/Los_Angeles", days_ago=0, acts=()),
    DemoOrder(patient="Bruno Keller", zone="America/New_York", days_ago=0, acts=(), opioids=None),
    DemoOrder(
        patient="Clara Novak",
        zone="America/Chicago",
        days_ago=1,
        acts=(Act.START_REVIEW,),
        medicines=("tramadol 50 mg as needed",),
    ),
    # Fourteen capsules of 0.5 mg are too little to weigh; a hundred and forty are not.
    DemoOrder(
        patient="Dora Quist",
        zone="America/Denver",
        days_ago=1,
        acts=_BENCH_WORK[:2],
        steps=_SLOW,
        method=SupplyMethod.MULTIPLES,
    ),
    DemoOrder(
        patient="Emil Santos",
        zone="America/New_York",
        days_ago=2,
        acts=_BENCH_WORK[:3],
        method=SupplyMethod.MULTIPLES,
    ),
    DemoOrder(patient="Fay Lindqvist", zone="America/New_York", days_ago=2, acts=_TO_THE_DOOR[:5]),
    DemoOrder(
        patient="Gil Okafor",
        zone="America/New_York",
        days_ago=3,
        acts=_TO_THE_DOOR,
        delivery=Delivery.PICK_UP,
    ),
    # On the way: the first step change was yesterday, so its notice is due wherever it is day.
    DemoOrder(patient="Hana Tanaka", zone="Asia/Tokyo", days_ago=10, acts=(*_TO_THE_DOOR, Act.SHIP)),
    DemoOrder(patient="Ines Bauer", zone="Europe/Berlin", days_ago=10, acts=(*_TO_THE_DOOR, Act.SHIP)),
    DemoOrder(patient="Jon Kealoha", zone="Pacific/Honolulu", days_ago=10, acts=(*_TO_THE_DOOR, Act.SHIP)),
    # Nearly used up: the refill is due.
    DemoOrder(
        patient="Kim Larsen",
        zone="Europe/Berlin",
        days_ago=25,
        acts=(*_TO_THE_DOOR, Act.SHIP, Act.COMPLETE),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPeople:
    """Who does what in the demonstration."""

    client: Actor
    technician: Actor
    pharmacist: Actor

    def doing(self, act: Act) -> Actor:
        """Compounding and final verification are two people's."""
        return self.technician if act in _BY_TECHNICIAN else self.pharmacist


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoBench:
    """What the acts need: the imprint of labels and the one who draws them."""

    imprint: Imprint
    renderer: LabelRenderer


def demo_order(session: Session, told: DemoOrder, bench: DemoBench, *, by: DemoPeople, now: datetime) -> UUID:
    """The order stands where its story says; the acts lie ten minutes apart on its day."""
    at = now - timedelta(days=told.days_ago)
    reference = read_reference(session, local_day(at, bench.imprint.zone), version(session))
    around = Surroundings(reference=reference, imprint=bench.imprint)
    order_id = _submitted(session, told, around, by.client, now=at)
    if told.acts:
        request_proofs(session, orders.get(session, order_id), bench.imprint, by=CLOCKWORK, now=at)
        _draw(session, order_id, bench, now=at)
    hands = BenchHands(compounder=by.technician, pharmacist=by.pharmacist, on=reference.on)
    for number, act in enumerate(told.acts, start=1):
        session.expire_all()
        when = at + timedelta(minutes=10 * number)
        here = orders.get(session, order_id)
        make_ready(session, here, act, bench.imprint.codes, by=by.doing(act), now=when)
        request = ActRequest(
            order_id=order_id,
            act=act,
            seen_version=orders.get(session, order_id).version,
            leaving=leaving_by(act, told.patient),
        )
        act_on_order(session, request, around, by=by.doing(act), now=when)
        if act is Act.START_COMPOUNDING:
            work_off(session, order_id, hands, now=when)
        _draw(session, order_id, bench, now=when)
    _forget_the_past(session, order_id, now)
    return order_id


def _draw(session: Session, order_id: UUID, bench: DemoBench, *, now: datetime) -> None:
    """Every label that was asked for is made, as a worker would; its message, delivered later, changes nothing."""
    session.flush()  # What was asked for is read below.
    for label in labels.unmade_of_order(session, order_id):
        pdf = bench.renderer.render(content_from_facts(label.content), label.barcode)
        keep(session, label, pdf, bench.renderer.template_version, by=CLOCKWORK, now=now)
    session.flush()  # The next act reads what was made.


def _forget_the_past(session: Session, order_id: UUID, now: datetime) -> None:
    """What was due long before today counts as said, so that nobody hears of it now."""
    for notice in notices.of_order(session, order_id):
        if notice.due_at < now - timedelta(days=2):
            notice.state, notice.settled_at, notice.reason = NoticeState.SENT, notice.due_at, "demonstration"


def _submitted(
    session: Session, told: DemoOrder, around: Surroundings, client: Actor, *, now: datetime
) -> UUID:
    admission = Admission(
        knock=Knock(
            api_client_id=client.id,
            client_name=client.name,
            practice_id=client.practice_id or client.id,
            scopes=frozenset(),
            reference_version=around.reference.version,
            answered=None,
            is_on_roster=True,
            order_number=session.scalar(ORDER_NUMBERS.next_value()),
        ),
        reference=around.reference,
        receipt=Receipt(key=f"demonstration {new_id()}", fingerprint=b"demonstration"),
        respond=lambda document: orjson.dumps({"id": document["order"]["id"]}).decode(),
    )
    answer = submit_order(session, _submission(told, now), admission=admission, by=client, now=now)
    return UUID(orjson.loads(answer)["id"])


def _submission(told: DemoOrder, now: datetime) -> Submission:
    steps = tuple(once_daily(Micrograms(dose), TimeOfDay.BEDTIME, days) for dose, days in told.steps)
    return Submission(
        patient=_patient(told, now),
        prescriber=SigningPrescriber(
            npi=DEMO_NPI,
            full_name=DEMO_PRESCRIBER,
            phone="(555) 010-0101",
            address="1 Clinic Way, Albany, NY 12207",
            licence="NY-000001",
            licence_state="NY",
        ),
        authorization=Authorization(kind="e_signature", signer_npi=DEMO_NPI, signed_at=now, agent=None),
        written_on=now.date() - timedelta(days=1),
        refills=2,
        purpose="fibromyalgia",
        supply=SupplyRequest(
            plan=TitrationPlan((*steps[:-1], once_daily(steps[-1].daily_dose, TimeOfDay.BEDTIME, None))),
            days=min(sum(days for _, days in told.steps), _LONGEST_FILL),
            method=told.method,
            delivery=told.delivery,
        ),
        quote_id=None,
        opioid_last_14_days=told.opioids,
        opioid_detail=None,
        allergies=None,
        no_known_allergies=True,
        medicines=told_by_hand(told.medicines),
    )


def _patient(told: DemoOrder, now: datetime) -> NewPatient:
    mailbox = told.patient.lower().replace(" ", ".")
    return NewPatient(
        full_name=told.patient,
        birth_on=date(1980, 1, 1) + timedelta(days=397 * len(told.patient)),
        phone="(555) 010-0123",
        email=f"{mailbox}@patient.example",
        address_line="12 Elm St",
        city="Albany",
        state="NY",
        postal_code="12207",
        time_zone=told.zone,
        language="en",
        consents=(
            ConsentGiven(channel="email", text_version="2026-01", consented_at=now, source="practice portal"),
        ),
    )
