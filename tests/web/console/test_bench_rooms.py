"""The rooms of the bench without a browser: scans, plans, stock, recalls, logs; every refusal in words."""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.quality import WeightLimits
from pharmacy.domain.quantities import Milligrams
from pharmacy.store import audit, batches, recalls
from pharmacy.store import stock_ledger as ledger
from pharmacy.store.batches import BatchStatus
from pharmacy.store.reference import ComponentLot
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from pharmacy.web.console.bench_drawing import reading_words, tolerance_band, weights_chart
from tests.benching import a_lot
from tests.web.console.pages import Console, words
from tests.work import Work

LIMITS = WeightLimits(least_pct=Decimal(90), most_pct=Decimal(110), most_deviation_pct=Decimal(5))
SIGNED = {"signature": DEMO_PASSWORD}


def lot_id(work: Work, number: str) -> UUID:
    with work.sessions.read() as session:
        return session.scalars(select(ComponentLot.id).where(ComponentLot.number == number)).one()


@pytest.mark.parametrize(
    ("scan", "leads_to"),
    [
        ("TRIT-2601", "/batches/TRIT-2601"),
        ("MCC-2601", "/stock/lots/"),
        ("10MCC-2601", "/stock/lots/"),
        ("Class III, balance 1", "/stock/equipment"),
        ("01095060001343521728020010NTX-9", "/stock/receive?scan="),
    ],
)
def test_a_scan_is_known_in_the_scan_box_and_in_the_search_of_every_page(
    tess: Console, scan: str, leads_to: str
) -> None:
    for path, field in (("/scan", "scan"), ("/search", "q")):
        answer = tess.post(path, **{field: scan})
        assert answer.status_code == 303
        assert leads_to in answer.location


def test_what_nobody_knows_is_said_to_be_unknown_and_stays_typed(tess: Console) -> None:
    answer = tess.post("/scan", scan="NTX-9999")

    assert answer.status_code == 422
    assert "No batch, lot or balance is called that" in words(answer)
    assert 'value="NTX-9999"' in answer.text


def test_a_reading_is_told_in_words() -> None:
    target, tolerance = Decimal(225), Decimal(1)

    assert reading_words(target, tolerance, Decimal(225)) == ("On target", "within")
    assert reading_words(target, tolerance, Decimal(226)) == ("1 mg over, within tolerance", "within")
    assert reading_words(target, tolerance, Decimal("222.75")) == (
        "2.25 mg under, within tolerance",
        "within",
    )
    assert reading_words(target, tolerance, Decimal(222)) == ("3 mg under: add powder", "outside")
    assert reading_words(target, tolerance, Decimal(300)) == ("75 mg over: take powder off", "outside")
    assert tolerance_band(target, tolerance, Decimal(225)).reading_x == "50.00"
    assert tolerance_band(target, tolerance, None).words == ""


def test_the_chart_tells_what_lies_outside_by_shape_and_words() -> None:
    gross = [Decimal(each) for each in ("186", "187", "185", "210")]

    chart = weights_chart(gross, Decimal(48), Milligrams(Decimal(138)), LIMITS)

    assert chart is not None
    assert [point.is_within for point in chart.points] == [True, True, True, False]
    assert chart.verdict == "4 weighed, 1 outside the limits"
    assert chart.faults
    assert weights_chart([Decimal(40)], Decimal(48), Milligrams(Decimal(138)), LIMITS) is None


def test_a_plan_is_made_shown_with_its_bound_and_accepted_once(work: Work, tess: Console) -> None:
    order_id = work.bring_to(OrderStatus.QUEUED)

    made = tess.post("/planner")
    address = made.location.removeprefix("/console")
    page = words(tess.get(address))
    accepted = tess.post(f"{address}/accept")
    again = tess.post(f"{address}/accept")

    assert "3 batches, and fewer are impossible: that is the proven bound." in page
    assert "too small to weigh on Class III, balance 1" in page
    assert accepted.status_code == 303
    assert again.status_code == 409
    assert "This plan is accepted already" in words(again)
    assert work.order(order_id).status is OrderStatus.COMPOUNDING


def test_ahead_of_prescriptions_no_more_is_planned_than_the_limit_allows(work: Work, tess: Console) -> None:
    work.bring_to(OrderStatus.QUEUED)

    refused = tess.post("/planner", ahead_mg="4.5", ahead_capsules="500")

    assert refused.status_code == 422
    assert 'value="500"' in refused.text


def test_scanned_lots_are_assigned_and_what_that_changes_is_shown(work: Work, tess: Console) -> None:
    a_lot(work, "NTX-B", assay_pct=Decimal("98.0"))
    for _ in range(2):
        work.bring_to(OrderStatus.QUEUED)
    planned = tess.post("/batches", kind="capsules", strength_mg="4.5", capsules="32")
    path = planned.location.removeprefix("/console")

    wrong = tess.post(f"{path}/lots", scans="B000000-0001")
    swapped = tess.post(f"{path}/lots", scans="NTX-B\nMCC-2601")

    assert wrong.status_code == 422
    assert "There is no lot, triturate or balance B000000-0001" in words(wrong)
    assert "What the scanned lots changed" in words(swapped)
    assert "Weigh naltrexone powder, lot NTX-B" in words(swapped)
    with work.sessions.read() as session:
        batch = batches.numbered(session, path.rpartition("/")[2])
        assert batch.status is BatchStatus.LOTS_ASSIGNED
        assert batch.api_lot_id == lot_id(work, "NTX-B")
        assert [entry.action for entry in audit.of_subject(session, batch.id)] == [
            "batch.planned",
            "batch.lots_assigned",
        ]


@pytest.mark.parametrize(
    ("form", "because"),
    [
        ({"kind": "capsules", "strength_mg": "0", "capsules": "7"}, "More than nothing is made"),
        (
            {"kind": "capsules", "strength_mg": "1.5", "capsules": "x"},
            "The number of capsules: a number is due",
        ),
        ({"kind": "triturate", "strength_pct": "100", "total_mg": "1000"}, "less than pure"),
    ],
)
def test_a_batch_that_cannot_be_planned_is_refused_beside_the_field(
    tess: Console, form: dict[str, str], because: str
) -> None:
    answer = tess.post("/batches", **form)

    assert answer.status_code == 422
    assert because in words(answer)


def test_a_release_wants_the_password_and_a_wrong_one_is_refused(work: Work, paul: Console) -> None:
    lot = lot_id(work, "MCC-2601")

    unsigned = paul.post(f"/stock/{lot}/reject", reason="caked")
    wrong = paul.post(f"/stock/{lot}/reject", reason="caked", signature="not it")

    assert unsigned.status_code >= 400
    assert wrong.status_code >= 400
    assert 'value="caked"' in wrong.text
    with work.sessions.read() as session:
        assert ledger.kept(session, lot).status == "released"


def test_a_technician_counts_and_wastes_but_decides_nothing(work: Work, tess: Console) -> None:
    lot = lot_id(work, "NTX-2601")

    refused = tess.post(f"/stock/{lot}/quarantine", reason="looks odd")
    counted = tess.post(f"/stock/{lot}/count", counted_mg="98000")
    too_fine = tess.post(f"/stock/{lot}/count", counted_mg="1.00001")
    nothing = tess.post(f"/stock/{lot}/waste", mass_mg="0", reason="spilt")

    assert refused.status_code == 403
    assert counted.status_code == 303
    assert (too_fine.status_code, nothing.status_code) == (422, 422)
    with work.sessions.read() as session:
        assert ledger.on_hand(session, lot) == 98_000_000
        assert ledger.kept(session, lot).status == "released"


def test_a_triturate_has_a_ledger_of_its_own(work: Work, tess: Console) -> None:
    with work.sessions.read() as session:
        triturate = batches.numbered(session, "TRIT-2601").id

    page = tess.get(f"/stock/ledger/{triturate}")
    moved = tess.post(f"/stock/{triturate}/waste", mass_mg="10", reason="spilt")

    assert "+10000 mg" in words(page)
    assert moved.status_code == 303
    assert tess.get(f"/stock/ledger/{lot_id(work, 'MCC-2601')}").status_code == 303


def test_a_recall_is_not_opened_on_what_is_no_lot_and_a_drill_by_no_technician(
    work: Work, tess: Console, paul: Console
) -> None:
    work.bring_to(OrderStatus.SHIPPED)

    unknown = paul.post("/recalls", scan="NTX-9999", drill="yes", reason="A drill of the house.", **SIGNED)
    not_mine = tess.post("/recalls", scan="MCC-2601", drill="yes", reason="A drill of the house.", **SIGNED)
    drilled = paul.post("/recalls", scan="MCC-2601", drill="yes", reason="A drill of the house.", **SIGNED)

    assert unknown.status_code == 422
    assert "There is no lot or batch NTX-9999" in words(unknown)
    assert not_mine.status_code == 403
    page = words(paul.get(drilled.location.removeprefix("/console")))
    assert "Patients with some at home 1" in page
    assert "A drill changes nothing" in page
    with work.sessions.read() as session:
        assert not recalls.is_open_for(session, lot_id(work, "MCC-2601"))


def test_logs_are_written_by_whom_they_belong_to(
    work: Work, at_work: Callable[[str], Console], tess: Console
) -> None:
    sam = at_work("sam")

    beyond = tess.post(
        "/stock/logs/rooms", room="bench", read_at="2026-11-23T09:00", temperature_c="30", humidity_pct="40"
    )
    future = tess.post(
        "/stock/logs/rooms", room="bench", read_at="2027-11-23T09:00", temperature_c="22", humidity_pct="40"
    )
    not_sams = sam.post("/stock/logs/cleaning", place="bench", agent="x", cleaned_at="2026-11-23T09:00")

    assert beyond.status_code == 303
    assert future.status_code == 422
    assert 'value="2027-11-23T09:00"' in future.text
    assert not_sams.status_code == 403
    assert "▲ beyond the limits" in words(tess.get("/stock/logs?log=rooms"))
