"""A prescription at the patient's, and both doors to it: shared by the tests of adjusting and refilling."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pharmacy.domain.orders import Act, OrderStatus, Role
from tests.books import Clock
from tests.builders import a_plan, an_order
from tests.callers import Api, StaffApi
from tests.work import Work

SIGNED = {"kind": "e_signature", "signed_at": "2026-11-23T14:00:00Z", "agent": None}
ANSWERED = {"opioid_last_14_days": "no", "no_known_allergies": True, "medicines": []}
OPEN_PLAN = a_plan(("1.5", 7), ("3", 7), ("4.5", None))


def course_order(**changes: Any) -> dict[str, Any]:
    return an_order(
        {f"/prescription/{name}": value for name, value in changes.items()}, plan=OPEN_PLAN, days=30
    )


class Course:
    """A prescription at the patient's, and both doors to it."""

    def __init__(self, api: Api, come_in: Callable[[Role], StaffApi], work: Work, clock: Clock) -> None:
        self.api, self.come_in, self.work, self.clock = api, come_in, work, clock
        self._staff: StaffApi | None = None

    @property
    def staff(self) -> StaffApi:
        """A pharmacist, who comes in again on another day."""
        self._staff = self._staff or self.come_in(Role.PHARMACIST)
        return self._staff

    def begin(self, body: dict[str, Any], status: OrderStatus = OrderStatus.SHIPPED) -> None:
        self.order_id = self.work.bring_to(status, body)
        order = self.work.order(self.order_id)
        self.id, self.npi = order.prescription_id, order.prescription.prescriber_npi

    def go_to_day(self, day: int) -> None:
        """Noon of that day at the patient's."""
        start = date.fromisoformat(self.schedule()["start"]["on"])
        self.clock.now = datetime.combine(start + timedelta(days=day - 1), datetime.min.time(), UTC)
        self.clock.now += timedelta(hours=17)
        self._staff = None

    def signed(self, **changes: Any) -> dict[str, Any]:
        return {**SIGNED, "signer_npi": self.npi, **changes}

    def ask(self, body: dict[str, Any]) -> Any:
        return self.api.post(f"/prescriptions/{self.id}/adjustments", body)

    def ask_as_pharmacist(self, body: dict[str, Any]) -> Any:
        return self.staff.post(f"/staff/prescriptions/{self.id}/adjustments", body)

    def accept(self, adjustment: dict[str, Any], reason: str = "") -> Any:
        body = {"reason": reason} if reason else {}
        return self.staff.post(f"/adjustments/{adjustment['id']}/accept", body)

    def adjust(self, body: dict[str, Any]) -> dict[str, Any]:
        """Signed, accepted, in force."""
        asked = self.ask({**body, "authorization": self.signed()})
        assert asked.status_code == 201, asked.text
        accepted = self.accept(asked.get_json(), "The prescriber was asked about it.")
        assert accepted.status_code == 200, accepted.text
        document: dict[str, Any] = accepted.get_json()
        return document

    def schedule(self) -> dict[str, Any]:
        answer = self.api.get(f"/prescriptions/{self.id}/schedule")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.get_json()
        return document

    def refill(self, **changes: Any) -> Any:
        """Asked for with every question answered."""
        return self.api.post(f"/prescriptions/{self.id}/refills", {**ANSWERED, **changes})

    def hand_over(self, order_id: Any) -> None:
        """The order goes the whole way to the patient."""
        self.work.carry_out()
        self.work.act(order_id, Act.START_REVIEW)
        self.work.act(order_id, Act.APPROVE, reason="Checked by hand, in full.", contact="Dr Gray, 14:00")
        for act in (Act.RECORD_PAYMENT, Act.START_COMPOUNDING):
            self.work.act(order_id, act)
        self.work.carry_out()
        for act in (Act.FINISH_LABELLING, Act.VERIFY, Act.SHIP):
            self.work.act(order_id, act)
