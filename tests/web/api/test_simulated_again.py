"""A simulation that is asked again: answered from what was found before, and refused whenever it would have been."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from pharmacy.domain.pricing import HOUSE_PRICES
from pharmacy.store.practices import AccessToken, ApiClient
from pharmacy.store.reference import PriceBook
from pharmacy.usecases.price_book import facts_of
from tests.builders import a_supply
from tests.callers import Api
from tests.rows import demo_client
from tests.web.api.answers import kind, pointers
from tests.work import Work

PATH = "/titrations/simulate"


def test_the_same_plan_is_answered_in_the_same_words(api: Api) -> None:
    first, again = api.post(PATH, a_supply()), api.post(PATH, a_supply())

    assert (first.status_code, first.data) == (200, again.data)


def test_a_number_is_refused_though_the_same_in_letters_was_taken_before(api: Api) -> None:
    assert api.post(PATH, a_supply()).status_code == 200

    refused = api.post(PATH, a_supply({"/plan/steps/0/dose_mg": 1.5}))

    assert pointers(refused) == ["/plan/steps/0/dose_mg"]
    assert api.post(PATH, a_supply({"/days": "30"})).status_code == 400


def test_new_prices_are_in_the_next_answer(api: Api, work: Work) -> None:
    before = api.post(PATH, a_supply()).get_json()["options"][0]["total_usd"]
    with work.sessions.write() as session:
        session.add(
            PriceBook(
                version="dearer",
                effective_on=date(2026, 11, 2),
                rules={**facts_of(HOUSE_PRICES), "shipping": "9.95"},
                approved_by="Paul",
                created_at=work.pharmacy.clock(),
            )
        )

    after = api.post(PATH, a_supply()).get_json()["options"][0]["total_usd"]

    assert Decimal(after) - Decimal(before) == Decimal("3.00")


@pytest.mark.parametrize(
    ("changed", "status", "problem"),
    [
        ("revoked", 401, "unauthenticated"),
        ("expired", 401, "unauthenticated"),
        ("disabled", 401, "unauthenticated"),
        ("without the scope", 403, "scope-missing"),
        ("with a token of other scopes", 403, "scope-missing"),
    ],
)
def test_who_may_not_come_in_any_more_is_refused_at_the_very_next_request(
    api: Api, work: Work, changed: str, status: int, problem: str
) -> None:
    assert api.post(PATH, a_supply()).status_code == 200
    long_ago = datetime(2026, 11, 1, tzinfo=UTC)
    with work.sessions.write() as session:
        client: ApiClient = demo_client(session)
        token = session.scalars(select(AccessToken).where(AccessToken.api_client_id == client.id)).first()
        match changed:
            case "revoked":
                token.revoked_at = long_ago
            case "expired":
                token.expires_at = long_ago
            case "disabled":
                client.disabled_at = long_ago
            case "without the scope":
                client.scopes = ["orders.read"]
            case _:
                token.scopes = ["orders.read"]

    assert kind(api.post(PATH, a_supply()), status) == problem
