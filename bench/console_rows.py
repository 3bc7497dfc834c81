"""A pharmacy of so many orders for the console: what `recall_rows` makes, with an audit trail, and some at work.

The same few hundred orders are open at either size, as they would be: what grows is what was done before.
"""

from __future__ import annotations

import psycopg

from bench.recall_rows import ORDERS, PATIENTS, file_rows

OPEN_IN_EACH_STATE = 60
# More than the figures look at; moves of before would be many and are looked at by nobody.
DAYS_OF_MOVES = 40
_AUDIT, _NOTICES = 21, 22
_OPEN = ("received", "in_review", "awaiting_payment", "queued", "compounding", "labelled", "verified")
# Each arrived with its order; those of late went through every state, a little faster or slower, as they would have.
_AUDITED = f"""
    INSERT INTO audit (id, at, actor_kind, actor_id, actor_name, action, subject_id, detail, digest)
    SELECT pg_temp.id_of({_AUDIT}, n), now() - interval '1 minute' * (%(orders)s - n), actor_kind, actor_id,
        actor_name, action, pg_temp.id_of({ORDERS}, n), detail, digest
    FROM (SELECT * FROM audit WHERE action = 'order.received' LIMIT 1) pattern
    CROSS JOIN generate_series(1, %(orders)s) n
"""
_MOVED = f"""
    INSERT INTO audit (id, at, actor_kind, actor_id, actor_name, action, subject_id, detail, digest)
    SELECT pg_temp.id_of({_AUDIT} + 10 + place::int, n),
        least(now(), now() - interval '1 minute' * (%(orders)s - n - place * (60 + n %% 301))), actor_kind, actor_id,
        actor_name, 'order.' || status, pg_temp.id_of({ORDERS}, n), '{{}}', digest
    FROM (SELECT * FROM audit WHERE action = 'order.received' LIMIT 1) pattern
    CROSS JOIN unnest(%(states)s::text[]) WITH ORDINALITY moves (status, place)
    CROSS JOIN generate_series(greatest(1, %(orders)s - {DAYS_OF_MOVES} * 1440), %(orders)s) n
"""
_NOTICED = f"""
    INSERT INTO notices (id, order_id, patient_id, kind, step_position, due_on, due_at, state, settled_at, attempts)
    SELECT pg_temp.id_of({_NOTICES}, n), pg_temp.id_of({ORDERS}, n),
        pg_temp.id_of({PATIENTS}, 1 + (n - 1) / 5), kind, step_position, due_on,
        now() - interval '1 minute' * (%(orders)s - n), 'sent', now(), 1
    FROM (SELECT * FROM notices LIMIT 1) pattern
    CROSS JOIN generate_series(1, %(orders)s) n
"""
# Arrived one a minute, the newest now; names that differ, as names do.
_SPREAD = (
    "UPDATE orders SET created_at = now() - interval '1 minute' * (%(orders)s - (number - 10000000)),"
    " shipped_on = CURRENT_DATE - ((%(orders)s - (number - 10000000)) / 1440)::int WHERE number > 10000000",
    "UPDATE patients SET full_name = 'Patient ' || md5(id::text), name_key = 'patient ' || md5(id::text)"
    " WHERE id::text LIKE '00000000-0000-7000-8000-%%'",
)
# Fifty orders to a batch, made as they came.
_MADE = """
    UPDATE batches SET compounded_on = CURRENT_DATE - ((%(batches)s - substr(number, 7)::int) * 50 / 1440)
    WHERE number ~ '^BENCH-[0-9]+$'
"""
_AT_WORK = """
    UPDATE orders SET status = %(status)s, shipped_on = NULL, promised_on = CURRENT_DATE
    WHERE number > 10000000 + %(orders)s - %(through)s AND number <= 10000000 + %(orders)s - %(from)s
"""


def file_console_rows(connection: psycopg.Connection, orders: int) -> None:
    """So many orders with all that hangs on them, and the same number at work whatever their number."""
    batches = max(200, orders // 50)
    file_rows(connection, orders, batches=batches)
    named = {"orders": orders, "batches": batches, "states": [*_OPEN[1:], "shipped"]}
    for statement in (*_SPREAD, _MADE, _AUDITED, _MOVED, _NOTICED):
        connection.execute(statement, named)
    for place, status in enumerate(_OPEN):
        span = {"from": place * OPEN_IN_EACH_STATE, "through": (place + 1) * OPEN_IN_EACH_STATE}
        connection.execute(_AT_WORK, {**named, **span, "status": status})
    connection.execute("VACUUM ANALYZE")
