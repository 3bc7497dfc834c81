"""Counts in the real database how often it was migrated: a kept database remembers, a fresh one does not."""

import os
import sys

import psycopg


def main(command: str) -> None:
    address = os.environ["PHARMACY_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(address) as books:
        books.execute("create table if not exists starts (command text)")
        books.execute("insert into starts values (%s)", [command])
        starts = books.execute("select count(*) from starts where command = %s", [command]).fetchone()
    sys.stdout.write(f"{command} number {starts[0] if starts else 0}\n")


main(sys.argv[1])
