"""The second factor: codes that hold once, recovery codes for when the phone is lost, passkeys, and no way around."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, update

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.actors import Actor
from pharmacy.domain.orders import Role
from pharmacy.store import staff
from pharmacy.store.base import new_id
from pharmacy.store.reference import Setting
from pharmacy.store.second_factors import RecoveryCode
from pharmacy.store.staff import StaffMember
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from pharmacy.usecases.passkeys import (
    MadePasskey,
    PasskeyRefused,
    Site,
    ask_passkey,
    keep_passkey,
    offer_passkey,
    prove_passkey,
)
from pharmacy.usecases.recognise_staff import member_of_key
from pharmacy.usecases.second_factor import (
    AlreadyEnrolled,
    CodeRefused,
    CodeWrong,
    TooManyCodes,
    begin_authenticator,
    confirm_authenticator,
    prove_code,
    waiting_enrolment,
)
from pharmacy.usecases.sign_in import FactorDue, SignedIn, actor_of, hash_of, sign_in
from pharmacy.usecases.sign_in_at_once import (
    Credentials,
    NotEnrolled,
    SecondFactorDue,
    sign_in_at_once,
)
from tests.authenticators import Device, code_at
from tests.books import Clock

HALF_A_MINUTE = timedelta(seconds=30)
SITE = Site.of("http://localhost:8000")


class Person:
    """The technician, with a phone, before a sign-in of theirs."""

    def __init__(self, pharmacy: Pharmacy) -> None:
        self.pharmacy = pharmacy
        self.key = self.secret = ""
        self.codes: tuple[str, ...] = ()

    def gives_password(self) -> FactorDue | None:
        with self.pharmacy.sessions.write() as session:
            answer = sign_in(
                session, "tess", DEMO_PASSWORD, by=self.pharmacy.clockwork, now=self.pharmacy.clock()
            )
        assert isinstance(answer, SignedIn)
        self.key = answer.key
        return answer.due

    def enrols(self) -> None:
        now = self.pharmacy.clock()
        with self.pharmacy.sessions.write() as session:
            begin_authenticator(session, self.member(), self.pharmacy.vault, by=self.actor, now=now)
        waiting = waiting_enrolment(self.member(), self.pharmacy.vault)
        assert waiting is not None
        self.secret = waiting.secret
        with self.pharmacy.sessions.write() as session:
            self.codes = confirm_authenticator(
                session, self.key, self.shown(), self.pharmacy.vault, by=self.actor, now=now
            )

    def types(self, code: str) -> CodeRefused | TooManyCodes | None:
        with self.pharmacy.sessions.write() as session:
            return prove_code(
                session, self.key, code, self.pharmacy.vault, by=self.actor, now=self.pharmacy.clock()
            )

    def shown(self) -> str:
        return code_at(self.secret, self.pharmacy.clock())

    def member(self) -> StaffMember:
        with self.pharmacy.sessions.read() as session:
            found = staff.member_named(session, "tess")
        assert found is not None
        return found

    @property
    def actor(self) -> Actor:
        return actor_of(self.member())

    def is_in(self) -> bool:
        with self.pharmacy.sessions.read() as session:
            return member_of_key(session, self.key, now=self.pharmacy.clock()) is not None


@pytest.fixture
def tess(pharmacy: Pharmacy) -> Person:
    """Signed in by password alone, as the demonstration allows."""
    person = Person(pharmacy)
    assert person.gives_password() is None
    return person


@pytest.fixture
def enrolled(tess: Person, clock: Clock) -> Person:
    """She has set up an authenticator, gone, and given her password again."""
    tess.enrols()
    clock.now += HALF_A_MINUTE
    assert tess.gives_password() is FactorDue.PROOF
    return tess


@pytest.fixture
def demand_factor(pharmacy: Pharmacy) -> Callable[[], None]:
    """From now on everybody needs a second factor."""

    def demand() -> None:
        with pharmacy.sessions.write() as session:
            standing = session.scalars(
                select(Setting).where(Setting.name == "sign_in").order_by(Setting.set_at.desc())
            ).first()
            assert standing is not None
            session.add(
                Setting(
                    id=new_id(),
                    name="sign_in",
                    value={**standing.value, "second_factor": "required"},
                    source="the test",
                    owner="pharmacist-in-charge",
                    reason="production",
                    set_at=pharmacy.clock(),
                )
            )

    return demand


def test_a_password_alone_opens_nothing_once_an_authenticator_is_set_up(enrolled: Person) -> None:
    assert not enrolled.is_in()

    assert enrolled.types(enrolled.shown()) is None

    assert enrolled.is_in()


def test_a_code_is_taken_once_and_an_older_one_never_after_it(enrolled: Person, clock: Clock) -> None:
    code, before = enrolled.shown(), code_at(enrolled.secret, clock.now - HALF_A_MINUTE)
    assert enrolled.types(code) is None
    enrolled.gives_password()

    assert isinstance(enrolled.types(code), CodeRefused)
    assert isinstance(enrolled.types(before), CodeRefused)
    assert not enrolled.is_in()
    clock.now += HALF_A_MINUTE
    assert enrolled.types(enrolled.shown()) is None


@pytest.mark.parametrize(("late_by", "is_taken"), [(0, True), (1, True), (2, False), (-2, False)])
def test_a_clock_half_a_minute_off_is_borne_and_no_more(
    enrolled: Person, clock: Clock, late_by: int, is_taken: bool
) -> None:
    code = code_at(enrolled.secret, clock.now + HALF_A_MINUTE)
    clock.now += HALF_A_MINUTE * (1 + late_by)

    assert (enrolled.types(code) is None) is is_taken


@pytest.mark.parametrize("code", ["", "000000", "12345", "٣٣٣٣٣٣", "AAAA-BBBB-CCCC-DDDD", "x" * 40])
def test_what_is_no_code_lets_nobody_in(enrolled: Person, code: str) -> None:
    assert isinstance(enrolled.types(code), CodeRefused)
    assert not enrolled.is_in()


def test_after_five_wrong_codes_even_the_right_one_is_not_looked_at(enrolled: Person, clock: Clock) -> None:
    for _ in range(5):
        enrolled.types("000000")

    assert isinstance(enrolled.types(enrolled.shown()), TooManyCodes)

    enrolled.gives_password()
    clock.now += timedelta(minutes=16)
    enrolled.gives_password()
    assert enrolled.types(enrolled.shown()) is None


def test_each_of_ten_recovery_codes_lets_in_once_however_it_is_typed(enrolled: Person) -> None:
    assert len(set(enrolled.codes)) == 10
    first, second = enrolled.codes[:2]

    assert enrolled.types(first) is None
    enrolled.gives_password()
    assert isinstance(enrolled.types(first), CodeRefused)
    assert enrolled.types(second.lower().replace("-", " ")) is None
    assert enrolled.is_in()


def test_the_books_hold_neither_secret_nor_codes_in_the_clear(enrolled: Person, pharmacy: Pharmacy) -> None:
    with pharmacy.sessions.read() as session:
        kept = session.scalars(select(RecoveryCode.code_hash)).all()
    sealed = enrolled.member().totp_sealed
    assert sealed is not None

    assert enrolled.secret.encode() not in sealed
    assert set(kept) == {hash_of(code.replace("-", "")) for code in enrolled.codes}
    with pytest.raises(InvalidTag):
        pharmacy.vault.open(new_id(), sealed)


def test_an_authenticator_counts_only_once_its_first_code_was_typed(tess: Person, pharmacy: Pharmacy) -> None:
    with pharmacy.sessions.write() as session:
        begin_authenticator(session, tess.member(), pharmacy.vault, by=tess.actor, now=pharmacy.clock())
    assert tess.gives_password() is None

    with pytest.raises(CodeWrong), pharmacy.sessions.write() as session:
        confirm_authenticator(
            session, tess.key, "000000", pharmacy.vault, by=tess.actor, now=pharmacy.clock()
        )
    assert tess.gives_password() is None
    tess.enrols()
    with pytest.raises(AlreadyEnrolled), pharmacy.sessions.write() as session:
        begin_authenticator(session, tess.member(), pharmacy.vault, by=tess.actor, now=pharmacy.clock())


def test_half_way_lasts_ten_minutes(enrolled: Person, clock: Clock, pharmacy: Pharmacy) -> None:
    clock.now += timedelta(minutes=11)

    with pharmacy.sessions.read() as session:
        found = staff.member_of_session(session, hash_of(enrolled.key))
    assert found is not None
    assert found.sign_in.proved_at is None
    assert not enrolled.is_in()


def _at_the_api(person: Person, code: str | None) -> object:
    pharmacy = person.pharmacy
    with pharmacy.sessions.write() as session:
        answer = sign_in_at_once(
            session,
            Credentials("tess", DEMO_PASSWORD, code),
            pharmacy.vault,
            by=pharmacy.clockwork,
            now=pharmacy.clock(),
        )
    if isinstance(answer, SignedIn):
        person.key = answer.key
    return answer


def test_the_api_is_no_way_around_the_second_factor(enrolled: Person) -> None:
    enrolled.key = ""
    assert isinstance(_at_the_api(enrolled, None), SecondFactorDue)
    assert isinstance(_at_the_api(enrolled, "000000"), CodeRefused)
    assert not enrolled.is_in()

    assert isinstance(_at_the_api(enrolled, enrolled.shown()), SignedIn)
    assert enrolled.is_in()


def test_where_a_second_factor_is_due_nobody_comes_in_without_one(
    tess: Person, demand_factor: Callable[[], None]
) -> None:
    demand_factor()

    assert tess.gives_password() is FactorDue.ENROLMENT
    assert not tess.is_in()
    assert isinstance(_at_the_api(tess, None), NotEnrolled)
    tess.enrols()
    assert tess.is_in()


def _with_passkey(person: Person, device: Device) -> None:
    pharmacy = person.pharmacy
    now = pharmacy.clock()
    with pharmacy.sessions.write() as session:
        asked = offer_passkey(session, person.key, SITE, by=person.actor, now=now)
    with pharmacy.sessions.write() as session:
        made = MadePasskey(device.make(asked), "Bench tablet")
        keep_passkey(session, person.key, made, SITE, by=person.actor, now=now)


def _prove(person: Person, signed: str) -> PasskeyRefused | None:
    pharmacy = person.pharmacy
    with pharmacy.sessions.write() as session:
        return prove_passkey(session, person.key, signed, SITE, by=person.actor, now=pharmacy.clock())


def _asked(person: Person) -> str:
    pharmacy = person.pharmacy
    with pharmacy.sessions.write() as session:
        return ask_passkey(session, person.key, SITE, by=person.actor, now=pharmacy.clock())


def test_a_passkey_stands_in_for_the_code_and_its_answer_holds_once(tess: Person) -> None:
    device = Device(origin=SITE.origin)
    _with_passkey(tess, device)
    assert tess.gives_password() is FactorDue.PROOF
    signed = device.sign(_asked(tess))

    assert _prove(tess, signed) is None
    assert tess.is_in()

    tess.gives_password()
    assert isinstance(_prove(tess, signed), PasskeyRefused)
    assert not tess.is_in()


@pytest.mark.parametrize(
    "wrong",
    [Device(origin="https://evil.example"), Device(origin=SITE.origin), Device(credential_id=b"other")],
)
def test_a_passkey_of_another_site_key_or_device_is_refused(tess: Person, wrong: Device) -> None:
    _with_passkey(tess, Device(origin=SITE.origin))
    tess.gives_password()

    assert isinstance(_prove(tess, wrong.sign(_asked(tess))), PasskeyRefused)
    assert isinstance(_prove(tess, "{}"), PasskeyRefused)
    assert isinstance(_prove(tess, "not json"), PasskeyRefused)
    assert not tess.is_in()


def test_a_copied_passkey_that_counts_back_is_refused(tess: Person) -> None:
    device = Device(origin=SITE.origin, signatures=7)
    _with_passkey(tess, device)
    tess.gives_password()
    device.signatures = 3

    assert isinstance(_prove(tess, device.sign(_asked(tess))), PasskeyRefused)


def test_bare_addresses_have_no_passkeys() -> None:
    assert not Site.of("http://127.0.0.1:8000").has_passkeys
    assert not Site.of("http://[::1]:8000").has_passkeys
    assert Site.of("https://pharmacy.example").has_passkeys


def test_a_disabled_person_proves_nothing(enrolled: Person, pharmacy: Pharmacy, clock: Clock) -> None:
    enrolled.types(enrolled.shown())
    with pharmacy.sessions.write() as session:
        session.execute(
            update(StaffMember).where(StaffMember.role == Role.TECHNICIAN).values(disabled_at=clock.now)
        )

    assert not enrolled.is_in()
