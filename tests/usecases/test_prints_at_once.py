"""Two workers have the same print in hand, because a lease ran out: neither spoils what the other writes down."""

from contextlib import ExitStack
from threading import Thread
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from local.waiting import until
from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import OrderStatus
from pharmacy.store import label_prints
from pharmacy.store.label_prints import PrintState
from pharmacy.usecases.label_truth import on_shelf
from pharmacy.usecases.ports import PrintJob
from tests.fakes import PrinterThatRemembers
from tests.rows import somebody_waits
from tests.usecases.test_printing import Bench
from tests.work import Work


def test_a_second_worker_that_begins_while_the_first_writes_down_what_became_of_it_is_waited_for(
    committed: Pharmacy, engine: Engine
) -> None:
    work = Work(committed)
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    work.carry_out()
    ending = ExitStack()
    failed: list[Exception] = []

    class Second(PrinterThatRemembers):
        """While it prints, another worker has taken the order to look at the label."""

        def take(self, job: PrintJob) -> None:
            session = ending.enter_context(work.sessions.write())
            label_id = label_prints.get(session, job.key).label_id
            session.expire_all()
            on_shelf(session, label_id)
            self.second = Thread(target=look, args=(session, job.key))
            self.second.start()
            super().take(job)

    def look(session: Session, print_id: UUID) -> None:
        try:
            until(lambda: somebody_waits(engine), 5, "the first worker")
            label_prints.get_for_update(session, print_id)
            ending.close()
        except Exception as failure:  # A thread's failure is lost otherwise; the test says it below.
            failed.append(failure)
            ending.close()

    printer = Second(drops=True)
    bench = Bench(work, order_id, printer)
    print_id = bench.ask()
    bench.carry_out()
    printer.second.join(10)

    assert failed == []
    assert bench.printed(print_id).state is PrintState.UNCERTAIN
    assert bench.tasks() == ["label.print_uncertain"]
