"""The books, the pharmacy and its doors, for every test that needs them.

Each worker process has one database that holds the demonstration: lots, balance, prices, staff and one
practice, as of `MORNING`. A test works in one transaction that is thrown away, with real commits as
savepoints in it; a test that needs other threads to see its rows asks for `committed` instead.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event, make_url, text, update
from sqlalchemy.orm import Session

from local.environment import Surroundings
from local.servers import Cluster
from pharmacy import bootstrap
from pharmacy.app import create_app
from pharmacy.bootstrap import Pharmacy
from pharmacy.config import Config, Mode
from pharmacy.domain.actors import CLOCKWORK
from pharmacy.domain.calendar import local_day
from pharmacy.domain.labels import PharmacyOnLabel
from pharmacy.domain.orders import Role
from pharmacy.gateways.head_file import HeadFile
from pharmacy.gateways.house_ledger import HouseLedger
from pharmacy.gateways.label_pdf import LabelPdf
from pharmacy.gateways.label_printers import FolderPrinter
from pharmacy.gateways.label_zpl import LabelZpl
from pharmacy.gateways.memory_tally import MemoryTally
from pharmacy.gateways.receipt_pdf import ReceiptPdf
from pharmacy.gateways.webhook_post import WebhookPost
from pharmacy.store.base import Record
from pharmacy.store.practices import ApiClient
from pharmacy.store.reference import Setting
from pharmacy.store.sessions import Sessions
from pharmacy.store.staff import StaffMember
from pharmacy.usecases.label_codes import LabelCodes
from pharmacy.usecases.open_demo import DEMO_PASSWORD, DEMO_SECRET, DEMO_STAFF, open_demo
from pharmacy.usecases.print_label import Seat
from pharmacy.usecases.rate_limits import Gate
from pharmacy.usecases.reference import Reference, ReferenceShelf
from pharmacy.usecases.request_labels import Imprint
from pharmacy.web.current import EXTENSION
from tests.callers import Api, StaffApi, WholeAnswers
from tests.fakes import MailThatRemembers, PrinterThatRemembers
from tests.rows import the_standing_token
from tests.work import Work

# A Monday, ten in the morning at the pharmacy.
MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
SMS_SECRET = "a secret of the tests for text messages, 32 or more"
AUDIT_KEY = b"a key of the tests, for audit rows"
SECRET_KEY = "a key of the tests, for signatures"
IDENTITY = PharmacyOnLabel(
    name="Example Pharmacy", address="1 Main St, Town, NY 10001", phone="(555) 010-0000"
)
# What the demonstration consists of; everything else is what tests file.
_STANDING = frozenset(
    [
        "practices",
        "api_clients",
        "access_tokens",
        "roster_entries",
        "staff_members",
        "component_lots",
        "balances",
        "batches",
        "packing_statistics",
        "price_books",
        "settings",
        "consent_texts",
        "reference_version",
        "screening_rules",
        "ingredients",
        "medicine_codes",
        "diagnosis_codes",
        "diagnosis_meanings",
        "components",
        "shells",
        "formulations",
        "calibrations",
        "training_records",
        "stock_levels",
        "stock_movements",
    ]
)


class Clock:
    """Stands still until a test sets it."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def config_for(database_url: str, folder: Path) -> Config:
    """What a process of the demonstration on that database is started with."""
    surroundings = Surroundings(database_url=database_url, redis_url="redis://127.0.0.1:9/0", state=folder)
    return Config(
        database_url=surroundings.database_url,
        redis_url=surroundings.redis_url,
        secret_key=SECRET_KEY,
        audit_key=AUDIT_KEY.decode(),
        mail_host="127.0.0.1",
        mail_port=surroundings.mail_port,
        mail_from="pharmacy@pharmacy.example",
        mail_security="none",
        mail_user=None,
        mail_password=None,
        sms_secret=SMS_SECRET,
        webhooks_may_be_private=True,
        public_url=surroundings.public_url,
        mode=Mode.DEMO,
        state_dir=str(folder),
        zone=NEW_YORK,
        pharmacy_name=IDENTITY.name,
        pharmacy_address=IDENTITY.address,
        pharmacy_phone=IDENTITY.phone,
    )


@pytest.fixture(scope="session")
def engine(cluster: Cluster, database_url: str, run_folder: Path) -> Iterator[Engine]:
    """This worker's books with the demonstration in them, through an engine made as in production."""
    name = f"{make_url(database_url).database}_equipped"
    url = cluster.create_database(name, template="template_books")
    made = bootstrap.engine(config_for(url, run_folder))
    with Sessions(made, info={"audit_key": AUDIT_KEY}).write() as session:
        # The migrations ran today; by the clock of the tests the house's defaults are older than the demonstration.
        session.execute(update(Setting).values(set_at=MORNING - timedelta(days=365)))
        open_demo(session, by=CLOCKWORK, today=local_day(MORNING, NEW_YORK), now=MORNING)
        _hash_quickly(session)
        session.flush()  # The token below names the client.
        session.add(the_standing_token(session))
    yield made
    made.dispose()


def _hash_quickly(session: Session) -> None:
    """The demonstration's people and client sign in as ever, without the slowness that keeps guessers out.

    A hash says itself how it is to be verified; thousands of tests sign in.
    """
    quick = PasswordHasher.from_parameters(CHEAPEST)
    session.execute(update(StaffMember).values(password_hash=quick.hash(DEMO_PASSWORD)))
    session.execute(update(ApiClient).values(secret_hash=quick.hash(DEMO_SECRET)))


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """One transaction that is thrown away."""
    with engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


class SavepointSessions(Sessions):
    """Real commits, each a savepoint in one transaction that is thrown away.

    The role of a client ends with its transaction; here it would outlive the savepoint.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, join_transaction_mode="create_savepoint", info={"audit_key": AUDIT_KEY})
        self._connection = connection

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._as_owner_afterwards(), super().write() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._as_owner_afterwards(), super().read() as session:
            yield session

    @contextmanager
    def _as_owner_afterwards(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._connection.exec_driver_sql("SET LOCAL ROLE NONE")


@pytest.fixture
def sessions(connection: Connection) -> Sessions:
    return SavepointSessions(connection)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    """One session for a test that calls use cases itself; what it wrote is flushed, never committed."""
    with sessions.write() as session:
        yield session


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mail() -> MailThatRemembers:
    return MailThatRemembers()


@pytest.fixture
def pharmacy(sessions: Sessions, clock: Clock, mail: MailThatRemembers, tmp_path: Path) -> Pharmacy:
    """The wired whole, on books that are thrown away, with a clock that stands still."""
    return Pharmacy(
        sessions=sessions,
        reference=ReferenceShelf(),
        labels=LabelPdf(),
        imprint=Imprint(identity=IDENTITY, zone=NEW_YORK, codes=LabelCodes(SECRET_KEY.encode())),
        printers={
            "bench": Seat(PrinterThatRemembers(), LabelZpl()),
            "folder": Seat(FolderPrinter(tmp_path, "pdf"), LabelPdf()),
        },
        mail=mail,
        webhooks=WebhookPost(may_be_private=True, timeout_seconds=2, limit_seconds=2),
        payments=HouseLedger(sessions, clock),
        receipts=ReceiptPdf(),
        notary=HeadFile(AUDIT_KEY, tmp_path / "audit-heads.jsonl"),
        gate=Gate(MemoryTally()),
        clock=clock,
        zone=NEW_YORK,
        public_url="http://127.0.0.1:8000",
        is_demo=True,
        secret_key=SECRET_KEY,
        sms_secret=SMS_SECRET,
        close=lambda: None,
    )


@pytest.fixture
def work(pharmacy: Pharmacy) -> Work:
    """The pharmacy at work."""
    return Work(pharmacy)


@pytest.fixture
def committed(engine: Engine, pharmacy: Pharmacy) -> Iterator[Pharmacy]:
    """The pharmacy with commits that every thread sees; afterwards the demonstration is as it was."""
    with engine.connect() as connection:
        stocked = connection.execute(text("SELECT id, on_hand_ug, movements FROM stock_levels")).all()
        priced = list(connection.scalars(text("SELECT id FROM price_books")))
        followed = list(
            connection.scalars(text("SELECT id FROM formulations WHERE first_used_at IS NOT NULL"))
        )
    everybodys = Sessions(engine, info={"audit_key": AUDIT_KEY})
    yield replace(pharmacy, sessions=everybodys, payments=HouseLedger(everybodys, pharmacy.clock))
    filed = [table.name for table in Record.metadata.sorted_tables if table.name not in _STANDING]
    with engine.begin() as connection:
        # The guards against removal (insert-only audit, immutable plans) are set aside for this one sweep.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(f"TRUNCATE {', '.join(filed)} CASCADE"))
        _stock_again(connection, stocked)
        connection.execute(text("DELETE FROM batches WHERE kind = 'capsules'"))
        connection.execute(text("DELETE FROM price_books WHERE NOT id = ANY(:kept)"), {"kept": priced})
        unused = "UPDATE formulations SET first_used_at = NULL WHERE NOT id = ANY(CAST(:followed AS uuid[]))"
        connection.execute(text(unused), {"followed": followed})


def _stock_again(connection: Connection, stocked: Sequence[Any]) -> None:
    """What is on hand, and the ledger of it, is as it was."""
    was = "UPDATE stock_levels SET on_hand_ug = :on_hand_ug, movements = :movements WHERE id = :id"
    later = "DELETE FROM stock_movements WHERE stock_id = :id AND position > :movements"
    for level in stocked:
        connection.execute(text(was), level._asdict())
        connection.execute(text(later), level._asdict())
    kept = {"kept": [level.id for level in stocked]}
    for table, column in (
        ("stock_movements", "stock_id"),
        ("stock_levels", "id"),
        ("packing_statistics", "coalesce(component_lot_id, batch_id)"),
        ("component_lots", "id"),
    ):
        connection.execute(text(f"DELETE FROM {table} WHERE NOT {column} = ANY(:kept)"), kept)


@pytest.fixture
def reference(pharmacy: Pharmacy, session: Session, clock: Clock) -> Reference:
    """What the pharmacy works with on the day of the clock."""
    return pharmacy.reference.current(session, local_day(clock.now, NEW_YORK))


@pytest.fixture
def today(clock: Clock) -> date:
    """The pharmacy's day."""
    return local_day(clock.now, NEW_YORK)


@pytest.fixture(scope="session")
def _blank_app() -> Callable[[Pharmacy], Flask]:
    """Describing the API takes a while, so one application serves all tests, each with its own pharmacy."""
    made: list[Flask] = []

    def serve(pharmacy: Pharmacy) -> Flask:
        if not made:
            made.append(create_app(pharmacy))
            made[0].test_client_class = WholeAnswers
        made[0].extensions[EXTENSION] = pharmacy
        return made[0]

    return serve


@pytest.fixture
def app(_blank_app: Callable[[Pharmacy], Flask], pharmacy: Pharmacy) -> Flask:
    return _blank_app(pharmacy)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def staff_api(client: FlaskClient) -> Callable[[Role], StaffApi]:
    """`staff_api(role)`: the demonstration's member of staff in that role, signed in to the API."""

    def come_in(role: Role) -> StaffApi:
        username = next(login.username for login in DEMO_STAFF if login.role is role)
        who = {"username": username, "password": DEMO_PASSWORD}
        answer = client.post("/api/v1/staff/sessions", json=who)
        assert answer.status_code == 200, answer.text
        return StaffApi(client, answer.get_json()["key"])

    return come_in


@pytest.fixture
def api(client: FlaskClient) -> Api:
    """The demonstration practice's system."""
    return Api(client)


_COUNTS = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in Record.metadata.tables)


def row_counts(connection: Connection) -> dict[str, int]:
    """How many rows every table has."""
    return dict(connection.execute(text(_COUNTS)).all())


@pytest.fixture
def count_queries(engine: Engine) -> Callable[[], AbstractContextManager[list[str]]]:
    """`with count_queries() as queries:` collects the statements that reach the database meanwhile."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        queries: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "SET")):
                queries.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        yield queries
        event.remove(engine, "before_cursor_execute", note)

    return counting
