"""Whatever a derivation reads raises the version when it changes, so that no process works with old numbers."""

import pytest
from sqlalchemy import Connection, text

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import OrderStatus
from pharmacy.store.base import Record
from tests.builders import a_supply
from tests.callers import Api
from tests.work import Work

WATCHED = ("component_lots", "balances", "packing_statistics", "price_books", "settings", "components")


def version(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT version FROM reference_version")) or 0)


@pytest.mark.parametrize("table", WATCHED)
def test_a_change_of_what_is_read_raises_the_version(connection: Connection, table: str) -> None:
    columns = ", ".join(
        "gen_random_uuid()"
        if column.name == "id"
        else f"{column.name} || '-2'"
        if column.unique
        else column.name
        for column in Record.metadata.tables[table].columns
    )
    names = ", ".join(column.name for column in Record.metadata.tables[table].columns)
    shell = {"packing_statistics": "'4'"}
    copied = columns.replace("shell", shell.get(table, "shell"))
    seen = [version(connection)]

    for statement in (
        f"UPDATE {table} SET id = id",
        f"INSERT INTO {table} ({names}) SELECT {copied} FROM {table} LIMIT 1",
        f"DELETE FROM {table} WHERE id NOT IN (SELECT id FROM {table} LIMIT 1) AND false",
    ):
        connection.execute(text(statement))
        seen.append(version(connection))

    assert seen == sorted(set(seen)), seen


def test_a_triturate_raises_the_version_and_a_batch_of_capsules_does_not(
    connection: Connection, work: Work
) -> None:
    before = version(connection)
    work.bring_to(OrderStatus.COMPOUNDING)
    assert version(connection) == before

    connection.execute(text("UPDATE batches SET status = 'depleted' WHERE kind = 'triturate'"))

    assert version(connection) > before


def test_a_change_of_the_bench_is_seen_by_the_next_request(
    api: Api, pharmacy: Pharmacy, connection: Connection
) -> None:
    def weighed() -> list[str]:
        answer = api.post("/titrations/simulate", a_supply()).get_json()
        return [batch["active_mg"] for batch in answer["options"][0]["batches"]]

    before = weighed()
    connection.execute(text("UPDATE batches SET strength_fraction = 0.05 WHERE kind = 'triturate'"))

    assert before == ["120", "240", "765"]
    assert weighed() == ["240", "480", "1530"]
