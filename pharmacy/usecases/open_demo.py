"""A pharmacy to look at: lots, balance, prices, people, one practice with an API client.

The lots are the worked example of the trade: a naltrexone lot of 99.2 % (anhydrous basis) with 3.1 % water,
its 1:10 triturate at the unrounded strength, size 3 shells, a balance of 6 mg sensitivity requirement.
Everything here is invented; no number of it belongs to a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import holidays
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.beyond_use import Category, DayCounting, category_limit
from pharmacy.domain.orders import Role
from pharmacy.domain.potency import ApiForm, AssayBasis
from pharmacy.domain.pricing import HOUSE_PRICES
from pharmacy.domain.stock import Movement, MovementKind
from pharmacy.store import audit, practices
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.base import new_id
from pharmacy.store.batches import Batch, BatchKind, BatchStatus
from pharmacy.store.practices import ApiClient, Practice, RosterEntry
from pharmacy.store.reference import (
    BalanceRow,
    ComponentKind,
    ComponentLot,
    LotStatus,
    PackingStatistic,
    PriceBook,
    Setting,
)
from pharmacy.store.staff import StaffMember
from pharmacy.usecases.demo_orders import (
    DEMO_NPI,
    DEMO_PRESCRIBER,
    DemoPeople,
)
from pharmacy.usecases.price_book import facts_of

DEMO_CLIENT_ID = "demo-practice"
DEMO_SECRET = "demo-secret-of-the-demo-practice"
DEMO_PASSWORD = "titrate-slowly"
ALL_SCOPES = (
    "titrations.simulate",
    "quotes.write",
    "quotes.read",
    "orders.write",
    "orders.read",
    "prescriptions.read",
    "labels.read",
)
SHELL = "3"
# The bench stood before the oldest order of the demonstration.
EQUIPPED_AGO = timedelta(days=30)
UG_PER_GRAM = 1_000_000
_POWDER_G, _TRITURATE_G = Decimal("1.040"), Decimal(10)


@dataclass(frozen=True, slots=True)
class DemoLogin:
    username: str
    full_name: str
    initials: str
    role: Role


DEMO_STAFF = (
    DemoLogin("tess", "Tess Technician", "TT", Role.TECHNICIAN),
    DemoLogin("paul", "Paul Pharmacist", "PP", Role.PHARMACIST),
    DemoLogin("iris", "Iris In-Charge", "II", Role.PHARMACIST_IN_CHARGE),
    DemoLogin("sam", "Sam Shipping", "SS", Role.SHIPPING),
)


def open_demo(session: Session, *, by: Actor, today: date, now: datetime) -> DemoPeople | None:
    """The demonstration stands, without orders; None when it stood already, and then nothing was changed."""
    if practices.client_named(session, DEMO_CLIENT_ID) is not None:
        return None
    hasher = PasswordHasher()
    practice = Practice(id=new_id(), name="Example Family Practice")
    session.add(practice)
    staff = [_member(login, hasher) for login in DEMO_STAFF]
    session.add_all(staff)
    session.flush()  # Rows below name these by id.
    pharmacist = staff[1]
    client = ApiClient(
        id=new_id(),
        practice_id=practice.id,
        name="Example Family Practice EHR",
        client_id=DEMO_CLIENT_ID,
        secret_hash=hasher.hash(DEMO_SECRET),
        scopes=list(ALL_SCOPES),
    )
    session.add(client)
    session.add(
        RosterEntry(
            practice_id=practice.id,
            npi=DEMO_NPI,
            full_name=DEMO_PRESCRIBER,
            verified_at=now,
            verified_by=pharmacist.id,
            expires_on=today + timedelta(days=730),
        )
    )
    _equip(session, pharmacist, today - EQUIPPED_AGO, now)
    audit.record(session, "demo.opened", practice.id, by=by, at=now)
    session.flush()  # Orders are derived from what was just filed.
    return DemoPeople(
        client=_client_actor(client), technician=_actor(staff[0]), pharmacist=_actor(pharmacist)
    )


def _member(login: DemoLogin, hasher: PasswordHasher) -> StaffMember:
    return StaffMember(
        id=new_id(),
        username=login.username,
        full_name=login.full_name,
        initials=login.initials,
        role=login.role,
        password_hash=hasher.hash(DEMO_PASSWORD),
    )


def _actor(member: StaffMember) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=member.id, name=member.full_name, role=member.role)


def _client_actor(client: ApiClient) -> Actor:
    return Actor(kind=ActorKind.API_CLIENT, id=client.id, name=client.name, practice_id=client.practice_id)


def _equip(session: Session, pharmacist: StaffMember, today: date, now: datetime) -> None:
    api, filler = _api_lot(today), _filler_lot(today)
    session.add_all([api, filler])
    session.flush()  # The triturate names both lots.
    triturate = _triturate(api, filler, pharmacist, today, now)
    session.add(triturate)
    session.flush()  # Its packing statistic names it.
    session.add_all(_packing(api, filler, triturate, today))
    _stock(session, (api, filler, triturate), _actor(pharmacist), today, now)
    session.add(
        BalanceRow(
            name="Class III, balance 1",
            readability_mg=Decimal(1),
            sensitivity_requirement_mg=Decimal(6),
            max_error_pct=Decimal(5),
            calibration_due_on=today + timedelta(days=365),
            in_use=True,
        )
    )
    session.add(
        PriceBook(
            version=HOUSE_PRICES.version,
            effective_on=today,
            rules=facts_of(HOUSE_PRICES),
            approved_by=pharmacist.full_name,
            created_at=now,
        )
    )
    states = ["CA", "CT", "FL", "IL", "MA", "NJ", "NY", "PA", "TX"]
    closed = [
        day.isoformat() for day in sorted(holidays.country_holidays("US", years=[today.year, today.year + 1]))
    ]
    session.add(_setting("licensed_states", states, "invented licences of the demonstration", now))
    session.add(_setting("closed_on", closed, "federal holidays of the United States", now))


def _stock(
    session: Session,
    stocked: tuple[ComponentLot, ComponentLot, Batch],
    by: Actor,
    today: date,
    now: datetime,
) -> None:
    """What was bought, and what of it went into the triturate, microgram by microgram."""
    api, filler, triturate = stocked
    ledger.open_for_lot(session, api.id)
    ledger.open_for_lot(session, filler.id)
    ledger.open_for_triturate(session, triturate.id)
    for lot, bought, into_triturate in ((api, 100, _POWDER_G), (filler, 1000, _TRITURATE_G - _POWDER_G)):
        ledger.receive(session, _moved(lot.id, bought, MovementKind.RECEIVE, lot.id, today), by=by, now=now)
        weighed = _moved(lot.id, into_triturate, MovementKind.WEIGH, triturate.id, today)
        ledger.take(session, weighed, by=by, now=now)
    made = _moved(triturate.id, _TRITURATE_G, MovementKind.RECEIVE, triturate.id, today)
    ledger.receive(session, made, by=by, now=now)


def _moved(
    stock_id: UUID, grams: Decimal | int, kind: MovementKind, subject_id: UUID, today: date
) -> Movement:
    ug = int(grams * UG_PER_GRAM)
    return Movement(stock_id=stock_id, ug=ug, kind=kind, subject_id=subject_id, on=today)


def _setting(name: str, value: list[str], source: str, now: datetime) -> Setting:
    return Setting(
        name=name,
        value=value,
        source=source,
        owner="pharmacist-in-charge",
        reason="demonstration",
        set_at=now,
    )


def _api_lot(today: date) -> ComponentLot:
    return ComponentLot(
        id=new_id(),
        number="NTX-2601",
        kind=ComponentKind.API,
        name="naltrexone hydrochloride",
        status=LotStatus.RELEASED,
        expires_on=today + timedelta(days=540),
        form=ApiForm.HYDROCHLORIDE,
        assay_pct=Decimal("99.2"),
        assay_basis=AssayBasis.ANHYDROUS,
        water_pct=Decimal("3.1"),
        solvents_pct=Decimal(0),
    )


def _filler_lot(today: date) -> ComponentLot:
    return ComponentLot(
        id=new_id(),
        number="MCC-2601",
        kind=ComponentKind.FILLER,
        name="microcrystalline cellulose",
        status=LotStatus.RELEASED,
        expires_on=today + timedelta(days=720),
    )


def _triturate(
    api: ComponentLot, filler: ComponentLot, pharmacist: StaffMember, today: date, now: datetime
) -> Batch:
    # 1.040 g weighed, at a potency of 0.992 x 0.969, in 10 g: the strength is kept unrounded.
    strength = _POWDER_G * Decimal("0.961248") / _TRITURATE_G
    return Batch(
        id=new_id(),
        number="TRIT-2601",
        kind=BatchKind.TRITURATE,
        status=BatchStatus.RELEASED,
        status_at=now,
        status_by=pharmacist.id,
        compounded_on=today,
        compounded_by=pharmacist.id,
        beyond_use_on=category_limit(today, Category.SOLID, DayCounting.DAY_ONE),
        beyond_use_limited_by="category limit",
        strength_fraction=strength,
        api_lot_id=api.id,
        filler_lot_id=filler.id,
        worksheet={"figures": [], "instructions": []},
    )


def _packing(
    api: ComponentLot, filler: ComponentLot, triturate: Batch, today: date
) -> list[PackingStatistic]:
    # Size 3: 0.30 mL at 0.460 g/mL for the filler and its triturate; the powder's is assumed.
    return [
        PackingStatistic(shell=SHELL, component_lot_id=api.id, mass_mg=Decimal("150.0"), measured_on=today),
        PackingStatistic(
            shell=SHELL, component_lot_id=filler.id, mass_mg=Decimal("138.0"), measured_on=today
        ),
        PackingStatistic(shell=SHELL, batch_id=triturate.id, mass_mg=Decimal("138.0"), measured_on=today),
    ]
