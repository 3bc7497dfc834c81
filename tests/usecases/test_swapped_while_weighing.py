"""Lots are swapped while somebody weighs: what was read is taken from no other lot than the sheet now names."""

import pytest

from pharmacy.domain.batch_calculation import CapsulesAsked
from pharmacy.domain.orders import Role
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.weighing_plan import WeighingStep
from pharmacy.store import batches
from pharmacy.store import stock_ledger as ledger
from pharmacy.usecases.plan_batch import NewBatch, assign_lots, plan_batch
from pharmacy.usecases.scanned_bench import Scanned
from pharmacy.usecases.weigh_batch import LotsSwapped, Reading, calculation_of, record_weighing
from tests.benching import a_lot
from tests.rows import member
from tests.work import Work


def test_nothing_is_weighed_of_a_lot_that_was_swapped_for_another_this_moment(work: Work) -> None:
    asked = CapsulesAsked(
        strength=Micrograms(4500),
        required=300,
        basis=StrengthBasis.NALTREXONE_HYDROCHLORIDE,
        route=None,
        portion=None,
        plate=100,
    )
    now = work.pharmacy.clock()
    a_lot(work, "NTX-OTHER")
    with work.sessions.write() as session:
        by, reference = member(session, Role.TECHNICIAN), work.reference(session)
        batch_id = plan_batch(session, NewBatch(asked=asked, scanned=Scanned()), reference, by=by, now=now).id
        session.flush()  # Its lots are assigned to a row.
        assign_lots(session, batch_id, Scanned(), reference, by=by, now=now)

    with work.sessions.write() as weighing:
        seen = batches.get(weighing, batch_id)
        first_lot, before = seen.api_lot_id, ledger.on_hand(weighing, seen.api_lot_id)
        target = calculation_of(seen).weighings[0].weighing.target
        with work.sessions.write() as swapping:
            other = Scanned(api_lot="NTX-OTHER")
            assign_lots(swapping, batch_id, other, work.reference(swapping), by=by, now=now)
        read = Reading(step=WeighingStep.ACTIVE, read=target, balance="Class III, balance 1", on=now.date())

        with pytest.raises(LotsSwapped):
            record_weighing(weighing, batch_id, read, by=by, now=now)

        assert ledger.on_hand(weighing, first_lot) == before
