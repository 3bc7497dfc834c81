"""The places of the house: what the rail shows beside the rooms of orders, to whom, and what waits there.

Each side adds its place with one line in its group. The rail shows a place only to the roles that may open it,
and only what a role may do something about is counted: `rows_waiting` of all places by one question to the books.
Neither it nor `waiting`, which asks by itself, is given where nothing ever waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pharmacy.domain.batches import AT_THE_BENCH
from pharmacy.domain.lots import LotStatus
from pharmacy.domain.orders import Role
from pharmacy.store import (
    batches,
    component_lots,
    formulations,
    label_queue,
    order_entries,
    payment_queue,
    tasks,
)
from pharmacy.store.counting import RowsWaiting
from pharmacy.store.notices import waiting_for_a_person
from pharmacy.store.sessions import Session
from pharmacy.usecases.emergency_access import emergencies_open
from pharmacy.web.console.language import lazy_gettext

EVERYBODY = frozenset(Role)
PHARMACISTS = frozenset({Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE})
BENCH = PHARMACISTS | {Role.TECHNICIAN}
FIGURES_FOR = PHARMACISTS | {Role.ADMINISTRATOR, Role.AUDITOR}
COUNTER = BENCH | {Role.SHIPPING}
KEEPERS = frozenset({Role.PHARMACIST_IN_CHARGE, Role.ADMINISTRATOR})


class Group(StrEnum):
    """The parts of the rail, in their order."""

    ORDERS = "orders"
    BENCH = "bench"
    PATIENTS = "patients"
    HOUSE = "house"

    @property
    def words(self) -> str:
        return _GROUPS[self]


_GROUPS: Mapping[Group, str] = {
    Group.ORDERS: lazy_gettext("Orders"),
    Group.BENCH: lazy_gettext("Bench"),
    Group.PATIENTS: lazy_gettext("Patients"),
    Group.HOUSE: lazy_gettext("House"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One entry of the rail; `letter` goes there after g, and is nobody else's."""

    name: str
    title: str
    letter: str
    endpoint: str
    roles: frozenset[Role] = EVERYBODY
    waiting: Callable[[Session], int] | None = None
    # The rows that wait there; all places' are counted together, by one question to the books.
    rows_waiting: RowsWaiting | None = None


# Beside the rooms of orders, under the same head.
ORDER_PLACES: tuple[Place, ...] = (
    Place(
        name="entries",
        title=lazy_gettext("Order entry"),
        letter="w",
        endpoint="console.entries_page",
        roles=BENCH,
        rows_waiting=order_entries.waiting,
    ),
    Place(
        name="proposals",
        title=lazy_gettext("Directions"),
        letter="d",
        endpoint="console.proposals_page",
        roles=BENCH,
    ),
    Place(
        name="tasks",
        title="Tasks",
        letter="j",
        endpoint="console.tasks_page",
        rows_waiting=tasks.open_tasks,
    ),
)

_BENCH: tuple[Place, ...] = (
    Place(
        name="batches",
        title=lazy_gettext("Batches"),
        letter="m",
        endpoint="console.batches_page",
        rows_waiting=lambda: batches.in_states(AT_THE_BENCH),
    ),
    Place(
        name="formulations",
        title=lazy_gettext("Formulations"),
        letter="z",
        endpoint="console.formulations_page",
        rows_waiting=formulations.drafts,
    ),
    Place(
        name="stock",
        title=lazy_gettext("Stock"),
        letter="k",
        endpoint="console.stock_page",
        rows_waiting=lambda: component_lots.listed(None, LotStatus.QUARANTINED),
    ),
)

_PATIENTS: tuple[Place, ...] = (
    Place(
        name="patients",
        title=lazy_gettext("Patients"),
        letter="i",
        endpoint="console.patients_page",
        roles=BENCH | {Role.SHIPPING, Role.AUDITOR},
    ),
    Place(
        name="notices",
        title=lazy_gettext("Notices"),
        letter="n",
        endpoint="console.notices_page",
        rows_waiting=waiting_for_a_person,
    ),
    Place(
        name="labels",
        title=lazy_gettext("Labels"),
        letter="l",
        endpoint="console.labels_page",
        rows_waiting=label_queue.waiting,
    ),
)

_HOUSE: tuple[Place, ...] = (
    Place(name="prices", title=lazy_gettext("Prices"), letter="c", endpoint="console.prices_page"),
    Place(
        name="payments",
        title=lazy_gettext("Payments"),
        letter="y",
        endpoint="console.payments_page",
        rows_waiting=payment_queue.uncertain_operations,
    ),
    Place(
        name="figures",
        title=lazy_gettext("Figures"),
        letter="f",
        endpoint="console.figures_page",
        roles=FIGURES_FOR,
    ),
    Place(
        name="packet",
        title=lazy_gettext("Inspector's packet"),
        letter="u",
        endpoint="console.packet_page",
        roles=frozenset({Role.AUDITOR, Role.PHARMACIST_IN_CHARGE}),
    ),
    Place(
        name="people",
        title=lazy_gettext("People"),
        letter="e",
        endpoint="console.people_page",
        roles=KEEPERS | {Role.PHARMACIST, Role.AUDITOR},
        rows_waiting=emergencies_open,
    ),
    Place(
        name="settings",
        title=lazy_gettext("Settings"),
        letter="x",
        endpoint="console.settings_page",
        roles=KEEPERS | {Role.PHARMACIST, Role.AUDITOR},
    ),
    Place(
        name="audit",
        title=lazy_gettext("Audit"),
        letter="a",
        endpoint="console.audit_page",
        roles=KEEPERS | {Role.AUDITOR},
    ),
)

PLACES: tuple[tuple[Group, tuple[Place, ...]], ...] = (
    (Group.BENCH, _BENCH),
    (Group.PATIENTS, _PATIENTS),
    (Group.HOUSE, _HOUSE),
)
