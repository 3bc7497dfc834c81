"""Commands for the person who runs the pharmacy's machines: migrate, demo, openapi."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import IO, Any

import click
import flask_migrate

from pharmacy.app import create_app
from pharmacy.bootstrap import books, build
from pharmacy.config import Config, ConfigError, Mode
from pharmacy.domain.actors import CLOCKWORK
from pharmacy.domain.calendar import local_day
from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.orders import Role
from pharmacy.gateways.label_zpl import LabelZpl, load_typeface, typeface_zpl
from pharmacy.store.base import db
from pharmacy.usecases.demo_orders import DEMO_ORDERS, DemoBench, demo_order
from pharmacy.usecases.keep_staff import NewMember, invite_first
from pharmacy.usecases.open_demo import (
    DEMO_CLIENT_ID,
    DEMO_PASSWORD,
    DEMO_SECRET,
    DEMO_STAFF,
    open_demo,
)
from pharmacy.usecases.ports import Refused, Uncertain, Unreachable
from pharmacy.usecases.sweep_by_hand import sweep_by_hand
from pharmacy.web.openapi import description

MIGRATIONS = Path(__file__).parent.parent / "migrations"


@click.group(chain=True)
def main() -> None:
    """Everything but serving; several commands may follow one another. See each command's help."""


def with_books(command: Callable[..., None]) -> Callable[..., None]:
    """Runs the command where the migration tool finds the books' engine."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> None:
        carrier = books(config())
        flask_migrate.Migrate(carrier, db, directory=str(MIGRATIONS))
        with carrier.app_context():
            command(*args, **options)
            db.engine.dispose()

    return run


def config() -> Config:
    """The configuration of the environment; what is wrong with it is said in one line, without a traceback."""
    try:
        return Config.from_env()
    except ConfigError as refusal:
        raise click.ClickException(str(refusal)) from None


@main.command()
@click.option("--to", "revision", default="head", show_default=True)
@with_books
def migrate(revision: str) -> None:
    """Bring the books to the newest form."""
    flask_migrate.upgrade(revision=revision)


@main.command()
@click.option("--to", "revision", default="-1", show_default=True)
@with_books
def unmigrate(revision: str) -> None:
    """Take the books one revision back."""
    flask_migrate.downgrade(revision=revision)


@main.command("new-migration")
@click.argument("message")
@with_books
def new_migration(message: str) -> None:
    """Write a migration from the difference between records and books."""
    flask_migrate.migrate(message=message)


@main.command("check-migrations")
@with_books
def check_migrations() -> None:
    """Fail when records and books differ."""
    flask_migrate.check()


@main.command()
@click.option(
    "--orders/--no-orders", "with_orders", default=True, help="Whether orders stand in every state."
)
def demo(with_orders: bool) -> None:
    """Load the demonstration, once; a second time changes nothing."""
    settings = config()
    if settings.mode is not Mode.DEMO:
        raise click.ClickException("Demonstration data belongs in a demonstration: set PHARMACY_MODE=demo.")
    pharmacy = build(settings)
    now = pharmacy.clock()
    with pharmacy.sessions.write() as session:
        people = open_demo(session, by=CLOCKWORK, today=local_day(now, pharmacy.zone), now=now)
        if people is not None and with_orders:
            bench = DemoBench(imprint=pharmacy.imprint, renderer=pharmacy.labels)
            for told in DEMO_ORDERS:
                demo_order(session, told, bench, by=people, now=now)
    pharmacy.close()


@main.command("sweep-notices")
def sweep_notices() -> None:
    """Tell patients what is due, here and now: no beat, no broker and no worker is needed."""
    pharmacy = build(config())
    try:
        looked_at = sweep_by_hand(
            pharmacy.sessions, pharmacy.notice_desk, by=pharmacy.clockwork, now=pharmacy.clock()
        )
    finally:
        pharmacy.close()
    click.echo(f"{looked_at} notices looked at.")


@main.command()
@click.argument("printer", required=False)
@click.option("--out", type=click.File("wb"), help="Write it to this file instead.")
def typeface(printer: str | None, out: IO[bytes] | None) -> None:
    """Put the labels' typeface into a thermal PRINTER's memory: once for each new printer, and after a reset."""
    if out is not None:
        out.write(typeface_zpl())
        return
    pharmacy = build(config())
    seat = pharmacy.printers.get(printer or "")
    if seat is None or not isinstance(seat.renderer, LabelZpl):
        thermal = sorted(
            name for name, each in pharmacy.printers.items() if isinstance(each.renderer, LabelZpl)
        )
        raise click.ClickException(f"Name a thermal printer: {', '.join(thermal) or 'none is set up'}.")
    try:
        load_typeface(seat.printer)
    except (Refused, Unreachable, Uncertain) as failure:
        raise click.ClickException(f"Printer {printer} did not take it: {failure}.") from None
    finally:
        pharmacy.close()
    click.echo(f"Printer {printer} has the typeface.")


@main.command()
def logins() -> None:
    """Print the demonstration's logins."""
    for login in DEMO_STAFF:
        click.echo(
            f"console   {login.username:6} password {DEMO_PASSWORD}   ({login.role.replace('_', ' ')})"
        )
    click.echo(f"API       client {DEMO_CLIENT_ID} secret {DEMO_SECRET}")


@main.command("first-administrator")
@click.option("--username", required=True, help="Under which they sign in: small letters.")
@click.option("--name", "full_name", required=True, help="As it stands on records.")
@click.option("--initials", required=True)
def first_administrator(username: str, full_name: str, initials: str) -> None:
    """Let in the first administrator: print the link by which they choose a password, once."""
    pharmacy = build(config())
    new = NewMember(username=username, full_name=full_name, initials=initials, role=Role.ADMINISTRATOR)
    try:
        with pharmacy.sessions.write() as session:
            token = invite_first(session, new, by=CLOCKWORK, now=pharmacy.clock())
    except PharmacyError as refusal:
        raise click.ClickException(str(refusal)) from None
    finally:
        pharmacy.close()
    click.echo(f"{pharmacy.public_url.rstrip('/')}/console/set-password/{token}")


@main.command()
@click.option("--out", type=click.File("w"), default="-", help="Where to; the terminal if not said.")
def openapi(out: IO[str]) -> None:
    """Write the description of the API (OpenAPI 3.1)."""
    pharmacy = build(config())
    out.write(json.dumps(description(create_app(pharmacy)), indent=1, sort_keys=True) + "\n")
    pharmacy.close()


if __name__ == "__main__":
    main(prog_name="pharmacy")
