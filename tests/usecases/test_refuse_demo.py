"""A server in production does not start over books in which everybody knows a password."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from pharmacy import app
from pharmacy.bootstrap import Pharmacy
from pharmacy.config import Config, Mode
from pharmacy.store.practices import ApiClient
from pharmacy.store.staff import StaffMember
from pharmacy.usecases.keep_staff import KeeperThere, NewMember, Role, invite_first
from pharmacy.usecases.refuse_demo import DemoInProduction, refuse_demo
from pharmacy.usecases.sign_in import matches
from tests.books import config_for


def test_the_server_refuses_to_start_in_production_with_the_demonstrations_logins(
    engine: Engine, run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = config_for(engine.url.render_as_string(hide_password=False), run_folder)
    production = replace(demo, mode=Mode.PRODUCTION, webhooks_may_be_private=False)
    monkeypatch.setattr(Config, "from_env", classmethod(lambda _: production))

    with pytest.raises(DemoInProduction, match="tess"):
        app.from_environment()


def test_once_they_are_disabled_nothing_is_refused(pharmacy: Pharmacy) -> None:
    now = pharmacy.clock()
    with pharmacy.sessions.write() as session:
        with pytest.raises(DemoInProduction):
            refuse_demo(session)
        session.execute(update(StaffMember).values(disabled_at=now))
        session.execute(update(ApiClient).values(disabled_at=now))

        refuse_demo(session)


def test_the_first_administrator_is_let_in_by_a_link_and_there_is_one_first_only(pharmacy: Pharmacy) -> None:
    new = NewMember(username="anna", full_name="Anna First", initials="AF", role=Role.ADMINISTRATOR)
    now = pharmacy.clock()
    with pharmacy.sessions.write() as session:
        with pytest.raises(KeeperThere):
            invite_first(session, new, by=pharmacy.clockwork, now=now)
        session.execute(update(StaffMember).values(disabled_at=now))

        token = invite_first(session, new, by=pharmacy.clockwork, now=now)
        # A link that was lost before it was used keeps nobody out.
        again = invite_first(
            session, replace(new, username="bert"), by=pharmacy.clockwork, now=now + timedelta(hours=1)
        )
        member = session.query(StaffMember).filter_by(username="anna").one()

    assert token != again
    assert not matches(member.password_hash, token)
