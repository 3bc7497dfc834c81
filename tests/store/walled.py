"""Which tables stand behind the wall between practices, as the database itself says."""

from sqlalchemy import Connection, text

from pharmacy.store.walls import CLIENT_ROLE


def walls(connection: Connection) -> tuple[set[str], set[str]]:
    """Tables behind the wall, and tables that a client may not touch at all."""
    walled = connection.scalars(
        text("SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace")
    )
    shut = connection.scalars(
        text(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            f" AND NOT has_table_privilege('{CLIENT_ROLE}', oid, 'SELECT, INSERT, UPDATE, DELETE')"
        )
    )
    return set(walled), set(shut)
