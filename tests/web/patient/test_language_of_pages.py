"""A patient's pages are in the patient's language, before the birth date and after it, and so is what they refuse."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pharmacy.domain.label_phrases import Language
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.domain.page_phrases import PAGES
from tests.books import Clock
from tests.builders import an_order
from tests.callers import StaffApi
from tests.domain.test_page_phrases import SAME, sentences
from tests.fakes import MailThatRemembers
from tests.usecases.noticing import OPEN_ENDED, deliver, shipped, step_notice
from tests.web.patient.test_private_links import accept, give
from tests.web.patient.test_reply_pages import HOUSE, enter, link_in, say_all_up_to, tap
from tests.work import Work

READS_SPANISH: dict[str, Any] = {"/patient/contact/language": "es"}
SPANISH = PAGES[Language.SPANISH]
# Sentences long enough that no Spanish one can hold them by chance.
ENGLISH_SENTENCES = [
    each for key, each in sentences(PAGES[Language.ENGLISH]) if key not in SAME and len(each) > 5
]


def require_spanish(page: TestResponse) -> str:
    """What the page says, all of it in Spanish, and said to be."""
    said = " ".join(unescape(re.sub(r"<[^>]*>", "", page.text)).split())
    assert '<html lang="es">' in page.text
    parts = {
        each for sentence in ENGLISH_SENTENCES for each in re.split(r"\{\w+\}", sentence) if len(each) > 5
    }
    assert [each for each in parts if each in said] == []
    return said


def require_advice(said: str) -> None:
    for sentence in SPANISH.advice:
        assert sentence in said


def test_a_check_in_asks_thanks_and_warns_in_spanish(client: FlaskClient, work: Work, clock: Clock) -> None:
    order_id, mail = shipped(work, READS_SPANISH | OPEN_ENDED, days=30), MailThatRemembers()
    say_all_up_to(work, clock, order_id, NoticeKind.CHECK_IN, mail)
    path = link_in(mail)

    question = require_spanish(client.get(path))
    wrong = require_spanish(client.post(path, data={"year": "1970", "month": "1", "day": "1"}))
    entered = enter(client, path)
    asked = require_spanish(entered)
    thanked = require_spanish(tap(client, path, entered, answer="headache"))
    again = require_spanish(enter(client, path))
    fine = require_spanish(tap(client, path, entered, answer="fine"))

    assert question.index("Día") < question.index("Mes") < question.index("Año")
    assert "Le quedan 4 intentos" in wrong
    assert all(words in asked for words in SPANISH.check_in.answers.values())
    assert "Un farmacéutico le llamará" in thanked
    assert "Nos dijo: Me duele la cabeza. Puede responder otra vez" in again
    assert SPANISH.check_in.fine in fine
    for said in (asked, thanked, again, fine):
        require_advice(said)


def test_the_start_the_refill_and_the_end_of_messages_are_in_spanish(
    client: FlaskClient, work: Work, clock: Clock
) -> None:
    order_id, mail = shipped(work, READS_SPANISH | OPEN_ENDED, days=30), MailThatRemembers()
    step_2 = step_notice(work, order_id, 2)
    clock.now = step_2.due_at
    deliver(work, step_2.id, mail)
    path, entered = link_in(mail), enter(client, link_in(mail))
    refused = require_spanish(tap(client, path, entered, started_on="2026-01-01"))
    started = require_spanish(tap(client, path, entered, started_on="2026-11-30"))
    stop = (mail.sent[-1].unsubscribe_url or "").removeprefix(HOUSE)
    asked_to_stop = require_spanish(client.get(stop))
    say_all_up_to(work, clock, order_id, NoticeKind.REFILL, mail)
    refill = enter(client, link_in(mail))

    said = require_spanish(entered)
    assert "Hoy, miércoles 2 de diciembre" in said
    assert "Su primer día está entre el lunes 23 de noviembre y el" in refused
    assert "Su primer día es el lunes 30 de noviembre." in started
    for each in (said, refused, started):
        require_advice(each)
    assert SPANISH.refill.heading in require_spanish(refill)
    assert SPANISH.refill.asked_heading in require_spanish(tap(client, link_in(mail), refill))
    assert SPANISH.stopping.stop in asked_to_stop
    assert SPANISH.stopping.done in require_spanish(client.post(stop))


def test_the_price_is_itemised_and_accepted_in_spanish(
    client: FlaskClient, work: Work, staff_api: Callable[[Role], StaffApi]
) -> None:
    order_id = work.bring_to(OrderStatus.AWAITING_PAYMENT, an_order(READS_SPANISH))
    made = staff_api(Role.TECHNICIAN).post(f"/orders/{order_id}/price-acceptance/link", {})
    path = made.get_json()["url"].removeprefix(HOUSE)
    birth_on = an_order()["patient"]["birth_on"]

    page = give(client, path, birth_on)
    changed = client.post(f"{path}/act", data={"pass": re.findall('name="pass" value="(.*?)"', page.text)[0]})

    said = require_spanish(page)
    assert "Preparación" in said
    assert not any(line.wording in said for line in work.order(order_id).price_lines)
    assert "El precio es ahora de 65.45 USD" in require_spanish(changed)
    assert "Usted aceptó el precio de 65.45 USD." in require_spanish(accept(client, path, page))


@pytest.mark.parametrize(
    ("wanted", "first"), [("es-MX,es;q=0.9,en;q=0.5", "es"), ("en-US", "en"), ("pt-BR", "en"), ("", "en")]
)
def test_a_link_of_nobody_is_refused_in_both_languages_the_browsers_first(
    client: FlaskClient, wanted: str, first: str
) -> None:
    page = client.get("/p/x", headers={"Accept-Language": wanted})

    assert page.status_code == 404
    assert f'<html lang="{first}">' in page.text
    places = {each: page.text.index(f'<section lang="{each}">') for each in ("en", "es")}
    assert min(places, key=lambda each: places[each]) == first
    for language in Language:
        assert PAGES[language].refusals.no_link[1] in page.text
        assert PAGES[language].refusals.call in page.text
