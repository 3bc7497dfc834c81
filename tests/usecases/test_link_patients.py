"""Mergers of records: whatever was merged in whatever order, taking one back leaves all as before it."""

from itertools import combinations
from uuid import UUID

import pytest

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from pharmacy.store import patients
from pharmacy.store.patient_links import LinkKind
from pharmacy.usecases.link_patients import (
    AlreadyMerged,
    Linking,
    MergedByAnother,
    NotMerged,
    link_patients,
)
from tests.rows import member
from tests.work import Work

WHY = "the same person, says the passport"


class Records:
    """Four records of orders alike, and a pharmacist who decides about them."""

    def __init__(self, pharmacy: Pharmacy, work: Work) -> None:
        self.pharmacy, self.work = pharmacy, work
        self.ids = [work.order(work.submit()).patient_id for _ in range(4)]

    def decide(self, kind: LinkKind, one: int, other: int) -> None:
        with self.pharmacy.sessions.write() as session:
            linking = Linking(
                patient_id=self.ids[one],
                other_id=self.ids[other],
                kind=kind,
                reason=WHY,
                reference=self.work.reference(session),
            )
            link_patients(session, linking, by=member(session, Role.PHARMACIST), now=self.pharmacy.clock())

    def persons(self) -> list[UUID | None]:
        with self.pharmacy.sessions.read() as session:
            return [patients.get(session, each).person_id for each in self.ids]


@pytest.fixture
def records(pharmacy: Pharmacy, work: Work) -> Records:
    return Records(pharmacy, work)


def test_two_groups_become_one_person_and_two_groups_again(records: Records) -> None:
    records.decide(LinkKind.MERGED, 0, 1)
    records.decide(LinkKind.MERGED, 2, 3)
    apart = records.persons()
    assert len(set(apart)) == 2

    records.decide(LinkKind.MERGED, 3, 0)
    assert len(set(records.persons())) == 1

    records.decide(LinkKind.UNMERGED, 0, 3)
    assert records.persons() == apart


def test_every_merger_taken_back_in_turn_leaves_records_that_stand_alone(records: Records) -> None:
    assert records.persons() == [None] * 4
    seen = []
    for one, other in ((0, 1), (1, 2), (2, 3)):
        seen.append(records.persons())
        records.decide(LinkKind.MERGED, one, other)
    for one, other in ((2, 3), (1, 2), (0, 1)):
        records.decide(LinkKind.UNMERGED, other, one)
        assert records.persons() == seen.pop()


def test_who_is_one_person_by_a_third_is_taken_apart_there(records: Records) -> None:
    records.decide(LinkKind.MERGED, 0, 1)
    records.decide(LinkKind.MERGED, 1, 2)
    before = records.persons()

    with pytest.raises(MergedByAnother):
        records.decide(LinkKind.UNMERGED, 0, 2)
    with pytest.raises(NotMerged):
        records.decide(LinkKind.UNMERGED, 0, 3)
    for one, other in combinations(range(3), 2):
        with pytest.raises(AlreadyMerged):
            records.decide(LinkKind.MERGED, one, other)
    assert records.persons() == before
