"""A pharmacy to look at: lots, balance, prices, people, one practice with an API client.

What stands on the bench is in `demo_stock`.
Everything here is invented; no number of it belongs to a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import holidays
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.orders import Role
from pharmacy.domain.pricing import HOUSE_PRICES
from pharmacy.domain.scopes import Scope
from pharmacy.store import audit, practices
from pharmacy.store.base import new_id
from pharmacy.store.practices import ApiClient, Practice, RosterEntry
from pharmacy.store.reference import (
    PriceBook,
    Setting,
    setting_in_force,
)
from pharmacy.store.staff import SIGN_IN_SETTING, StaffMember
from pharmacy.usecases.demo_orders import (
    DEMO_NPI,
    DEMO_PRESCRIBER,
    DemoPeople,
)
from pharmacy.usecases.demo_stock import Equipping, equip_bench
from pharmacy.usecases.hashing import hasher
from pharmacy.usecases.price_book import facts_of
from pharmacy.usecases.sign_in_policy import SecondFactorRule

DEMO_CLIENT_ID = "demo-practice"
DEMO_SECRET = "demo-secret-of-the-demo-practice"
DEMO_PASSWORD = "titrate-slowly"
ALL_SCOPES = tuple(scope.value for scope in Scope)
# The bench stood before the oldest order of the demonstration.
EQUIPPED_AGO = timedelta(days=30)


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
    DemoLogin("ada", "Ada Administrator", "AA", Role.ADMINISTRATOR),
    DemoLogin("otto", "Otto Auditor", "OA", Role.AUDITOR),
)


def open_demo(session: Session, *, by: Actor, today: date, now: datetime) -> DemoPeople | None:
    """The demonstration stands, without orders; None when it stood already, and then nothing was changed."""
    if practices.client_named(session, DEMO_CLIENT_ID) is not None:
        return None
    practice = Practice(id=new_id(), name="Example Family Practice")
    session.add(practice)
    staff = [_member(login) for login in DEMO_STAFF]
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
            licence_number="NY-000001",
            licence_state="NY",
            verified_at=now,
            verified_by=pharmacist.id,
            expires_on=today + timedelta(days=730),
        )
    )
    standing_on = today - EQUIPPED_AGO
    by_role = {member.role: member for member in staff}
    equip_bench(
        session,
        Equipping(
            technician=by_role[Role.TECHNICIAN],
            pharmacist=pharmacist,
            in_charge=by_role[Role.PHARMACIST_IN_CHARGE],
            on=standing_on,
            now=now,
        ),
    )
    _open_shop(session, pharmacist, standing_on, now)
    audit.record(session, "demo.opened", practice.id, by=by, at=now)
    session.flush()  # Orders are derived from what was just filed.
    return DemoPeople(
        client=_client_actor(client), technician=_actor(staff[0]), pharmacist=_actor(pharmacist)
    )


def _member(login: DemoLogin) -> StaffMember:
    return StaffMember(
        id=new_id(),
        username=login.username,
        full_name=login.full_name,
        initials=login.initials,
        role=login.role,
        password_hash=hasher.hash(DEMO_PASSWORD),
        is_demo=True,
    )


def _actor(member: StaffMember) -> Actor:
    return Actor(kind=ActorKind.STAFF, id=member.id, name=member.full_name, role=member.role)


def _client_actor(client: ApiClient) -> Actor:
    return Actor(kind=ActorKind.API_CLIENT, id=client.id, name=client.name, practice_id=client.practice_id)


def _open_shop(session: Session, pharmacist: StaffMember, today: date, now: datetime) -> None:
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
    # Everybody may look around with a password alone; whoever sets up a second factor is asked for it.
    sign_in = {
        **setting_in_force(session, SIGN_IN_SETTING),
        "second_factor": SecondFactorRule.WHEN_ENROLLED.value,
    }
    session.add(_setting(SIGN_IN_SETTING, sign_in, "the demonstration", now))
    session.add(_setting("licensed_states", states, "invented licences of the demonstration", now))
    session.add(_setting("closed_on", closed, "federal holidays of the United States", now))


def _setting(name: str, value: Any, source: str, now: datetime) -> Setting:
    return Setting(
        name=name,
        value=value,
        source=source,
        owner="pharmacist-in-charge",
        reason="demonstration",
        set_at=now,
    )
