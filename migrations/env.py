"""Runs migrations on the books that the command line carries; numbers new ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import context
from flask import current_app

# The records register their tables on import.
import pharmacy.store.everything  # noqa: F401
from pharmacy.store.base import Record, db

VERSIONS = Path(__file__).parent / "versions"


def number_revision(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """A new revision gets the next four-digit number as its id; an empty one is dropped."""
    if not directives:
        return
    script = directives[0]
    numbers = [int(path.name[:4]) for path in VERSIONS.glob("[0-9]*.py")]
    script.rev_id = f"{max(numbers, default=0) + 1:04d}"


def run() -> None:
    engine = db.engine
    with engine.connect() as connection:
        # The limit of a request is not one of a migration.
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Record.metadata,
            process_revision_directives=number_revision,
            compare_type=True,
            compare_server_default=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


if current_app:
    run()
