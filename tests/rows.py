"""Records for tests: rows of the books with safe defaults; a test names only what matters to it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor, ActorKind
from pharmacy.domain.orders import Role
from pharmacy.store.base import new_id
from pharmacy.store.door import token_hash
from pharmacy.store.practices import AccessToken, ApiClient, Practice
from pharmacy.store.staff import StaffMember
from pharmacy.usecases.open_demo import ALL_SCOPES, DEMO_CLIENT_ID

STANDING_TOKEN = "a-token-that-holds-for-all-tests"
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def demo_client(session: Session) -> ApiClient:
    """The demonstration practice's system."""
    return session.scalars(select(ApiClient).where(ApiClient.client_id == DEMO_CLIENT_ID)).one()


def the_standing_token(session: Session) -> AccessToken:
    return an_access_token(
        demo_client(session).id, STANDING_TOKEN, issued_at=_LONG_AGO, lasts=timedelta(days=36500)
    )


def an_access_token(
    api_client_id: UUID, token: str, *, issued_at: datetime, lasts: timedelta = timedelta(minutes=15)
) -> AccessToken:
    return AccessToken(
        token_hash=token_hash(token),
        api_client_id=api_client_id,
        issued_at=issued_at,
        expires_at=issued_at + lasts,
    )


def another_practice(session: Session, token: str, **fields: Any) -> ApiClient:
    """A second practice with one system, which `token` lets in for whatever it may do."""
    practice = Practice(id=new_id(), name="Another Practice")
    session.add(practice)
    session.flush()  # The client names the practice.
    client = ApiClient(
        id=new_id(),
        practice_id=practice.id,
        name="Another Practice EHR",
        **{"client_id": f"another-{token}", "secret_hash": "-", "scopes": list(ALL_SCOPES), **fields},
    )
    session.add(client)
    session.flush()  # The token names the client.
    session.add(an_access_token(client.id, token, issued_at=_LONG_AGO, lasts=timedelta(days=36500)))
    return client


def member(session: Session, role: Role) -> Actor:
    """The demonstration's member of staff in that role."""
    found = session.scalars(select(StaffMember).where(StaffMember.role == role)).one()
    return Actor(kind=ActorKind.STAFF, id=found.id, name=found.full_name, role=role)


def somebody_waits(engine: Engine) -> bool:
    """Whether anybody waits for a lock that another transaction holds, in this worker's database."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with engine.connect() as connection:
        return bool(connection.scalar(waiting))
