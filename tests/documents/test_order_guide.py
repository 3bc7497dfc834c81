"""The guide for prescribers' systems is true: what it shows is run, in order, against a served pharmacy."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pharmacy.domain.webhooks import Delivered
from pharmacy.store.practices import ApiClient
from pharmacy.usecases.deliver_webhook import deliver_webhook
from pharmacy.usecases.keep_practices import register_key
from pharmacy.usecases.open_demo import DEMO_CLIENT_ID
from pharmacy.usecases.relay_events import relay_events
from tests.documents.compose_file import ROOT
from tests.documents.markdown import fenced
from tests.documents.served import ADDRESS, CURLS, Served, programs, run
from tests.gateways.subscribers import Subscriber, subscriber

GUIDE = (ROOT / "docs" / "order-from-your-system.md").read_text(encoding="utf-8")
CURL, FHIR_CURL = fenced(GUIDE, "sh")
PYTHON = fenced(GUIDE, "python")
SOMEWHERE = "https://practice.example/ldn"


@pytest.fixture
def listening() -> Iterator[Subscriber]:
    with subscriber() as server:
        yield server


@pytest.fixture
def reader(demonstration: Served, listening: Subscriber) -> Callable[[], dict[str, Any]]:
    """Runs the next block of Python in the names that the blocks before have made."""
    names: dict[str, Any] = {}
    blocks = iter(PYTHON)

    def run_next() -> dict[str, Any]:
        block = next(blocks).replace(ADDRESS, demonstration.address).replace(SOMEWHERE, listening.url)
        exec(compile(block, "docs/order-from-your-system.md", "exec"), names)
        return names

    return run_next


@pytest.mark.parametrize("curl", CURLS, ids=lambda curl: Path(curl).name)
def test_curl_shows_what_the_titration_comes_to(served: str, curl: str, tmp_path: Path) -> None:
    answer = json.loads(run(CURL.replace(ADDRESS, served), programs(tmp_path, curl)))

    assert {option["supply_option"] for option in answer["options"]} >= {"one_strength_per_step"}


@pytest.mark.parametrize("curl", CURLS, ids=lambda curl: Path(curl).name)
def test_curl_asks_by_fhir_what_would_be_said_of_an_order(served: str, curl: str, tmp_path: Path) -> None:
    said = run(f"{CURL}\n{FHIR_CURL}".replace(ADDRESS, served), programs(tmp_path, curl))

    told = json.loads(said[said.index('{"resourceType"') :])
    assert told["resourceType"] == "OperationOutcome"
    asked = {coding["code"] for issue in told["issue"] for coding in issue["details"].get("coding", ())}
    assert {"C-OPIOID-ANSWER", "C-ALLERGIES", "C-MEDICINES", "C-AUTHORISATION"} <= asked


def test_python_orders_follows_and_is_told(
    reader: Callable[[], dict[str, Any]], demonstration: Served, listening: Subscriber
) -> None:
    by_secret = reader()["token"]
    _register(demonstration, reader()["for_the_pharmacy"])
    assert reader()["token"] != by_secret

    said = reader()
    assert said["simulated"]["options"]
    said = reader()
    assert said["order"] == said["again"]
    assert said["order"]["status"] == "received"
    assert said["order"]["quote_id"] == said["quote"]["id"]
    assert said["order"]["total_usd"] == said["quote"]["total_usd"]
    said = reader()
    assert (said["waiting"]["status"], said["open_questions"]) == ("clarification", ["C-OPIOID-ANSWER"])
    assert said["answered"]["order_id"] == said["waiting"]["id"]
    _carry(demonstration)
    said = reader()
    seen, position = said["events_after"](0)
    orders = [event["data"]["order_id"] for event in seen if event["type"] == "order.received"]
    assert said["order"]["id"] in orders
    assert said["events_after"](position) == ([], position)
    assert said["timeline"]
    assert said["schedule"]

    said = reader()
    said["call"](
        "POST", "/api/v1/orders", said["unanswered"], token=said["token"], key="another-key-of-the-practice"
    )
    assert set(map(type, _carry(demonstration))) == {Delivered}
    secret = said["given"]["secret"]
    now = demonstration.pharmacy.clock().timestamp()
    assert listening.told
    for headers, body in listening.told:
        assert said["is_genuine"](headers, body, secret, now)
        assert not said["is_genuine"](headers, body + b" ", secret, now)
        assert not said["is_genuine"](headers, body, secret, now + 301)

    said = reader()
    assert said["kept"] == said["kept_again"]
    assert [str(each["doseAndRate"][0]["doseQuantity"]["value"]) for each in said["kept"]["dosageInstruction"]] == [
        "1.5", "3", "4.5",
    ]  # fmt: skip
    assert (said["fill"]["status"], said["fill"]["businessStatus"]["coding"][0]["code"]) == (
        "received",
        "received",
    )
    assert said["issues"][0]["expression"] == ["MedicationRequest.doNotPerform"]


def test_the_guide_calls_the_pharmacy_where_it_is_served_by_default() -> None:
    assert PYTHON[0].count(ADDRESS) == CURL.count(ADDRESS) == 1
    assert sum(block.count(SOMEWHERE) for block in PYTHON) == 1


def _register(served: Served, public_half: dict[str, Any]) -> None:
    """What the pharmacy does with the key that the practice sends."""
    pharmacy = served.pharmacy
    with pharmacy.sessions.write() as session:
        client = session.scalars(select(ApiClient).where(ApiClient.client_id == DEMO_CLIENT_ID)).one()
        kid = public_half["kid"]
        register_key(session, client.id, kid, public_half, by=pharmacy.clockwork, now=pharmacy.clock())


def _carry(served: Served) -> list[Any]:
    """Beat and worker, one round."""
    pharmacy, handed = served.pharmacy, list[str]()
    now = pharmacy.clock()
    relay_events(pharmacy.sessions, lambda _, ids: handed.extend(ids), by=pharmacy.clockwork, now=now)
    return [
        deliver_webhook(pharmacy.sessions, each, pharmacy.teller, by=pharmacy.clockwork, now=now)
        for each in handed
    ]
