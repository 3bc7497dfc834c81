"""The way in: a link, the birth date, and then the page that the link is for.

The first look at an address shows the question and nothing else, so that a mail program that fetches links learns
nothing and uses up no try. The question is asked in the language of the message that the link came in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import request

from pharmacy.domain.actors import Actor
from pharmacy.domain.label_phrases import Language, language_of
from pharmacy.domain.page_phrases import PAGES
from pharmacy.store.private_links import LinkPurpose, PrivateLink
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.private_links import (
    LinkNotValid,
    WrongBirthDate,
    enter_private_link,
    look_at_private_link,
    patient_actor,
)
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import public
from pharmacy.web.patient import check_in_room, price_room, refill_room, start_room
from pharmacy.web.patient.blueprint import Visit, blueprint, closed_page, page
from pharmacy.web.patient.passes import give_pass, holds_for

_BECAUSE = "the address is the secret, and the birth date is asked for"
_LONGEST_TOKEN = 100


# A room shows its page, and carries out what was asked for on it.
Room = Callable[[Session, Visit], str]
Deed = Callable[[Session, Visit, Mapping[str, str], Actor], str]
ROOMS: Mapping[LinkPurpose, tuple[Room, Deed]] = {
    LinkPurpose.PRICE: (price_room.show, price_room.act),
    LinkPurpose.CHECK_IN: (check_in_room.show, check_in_room.act),
    LinkPurpose.START: (start_room.show, start_room.act),
    LinkPurpose.REFILL: (refill_room.show, refill_room.act),
}


@blueprint.get("/<token>")
@public(_BECAUSE)
def question(token: str) -> Any:
    """The question for the birth date."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        link = look_at_private_link(session, _token(token), by=pharmacy.clockwork, now=pharmacy.clock())
        return _question(_language(link))


@blueprint.post("/<token>")
@public(_BECAUSE)
def answer(token: str) -> Any:
    """The page, once the birth date is right; the question again when it is not."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        now = pharmacy.clock()
        language = _language(look_at_private_link(session, _token(token), by=pharmacy.clockwork, now=now))
        entered = enter_private_link(session, _token(token), _birth_on(), by=pharmacy.clockwork, now=now)
        if isinstance(entered, PrivateLink):
            show, _ = _room(entered)
            return show(session, Visit(entered, language, give_pass(entered.id)))
    return _wrong(entered, language), 403


@blueprint.post("/<token>/act")
@public(_BECAUSE)
def act(token: str) -> Any:
    """What the page offered is done; the question again for whoever has no pass, or one that has run out."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        link = look_at_private_link(session, _token(token), by=pharmacy.clockwork, now=pharmacy.clock())
        language, given_pass = _language(link), request.form.get("pass", "")
        if not holds_for(given_pass, link.id):
            return _question(language, PAGES[language].entry.took_a_while), 403
        _, deed = _room(link)
        visit = Visit(link, language, given_pass)
        return deed(session, visit, request.form.to_dict(), patient_actor(link.patient_id))


def _language(link: PrivateLink) -> Language:
    """That of the patient, in which the message was written too."""
    return language_of(link.patient.language)


def _room(link: PrivateLink) -> tuple[Room, Deed]:
    room = ROOMS.get(link.purpose)
    if room is None:
        raise LinkNotValid
    return room


def _token(given: str) -> str:
    """What is longer than any of ours cannot be one."""
    if len(given) > _LONGEST_TOKEN:
        raise LinkNotValid
    return given


def _birth_on() -> date | None:
    """The day that was typed, if it is one: one field as browsers send it, or month, day and year apart."""
    typed = {name: request.form.get(name, "").strip() for name in ("year", "month", "day")}
    if not all(
        each.isascii() and each.isdecimal() and len(each) <= 4 for each in typed.values()
    ):  # A year has four digits.
        return None
    try:
        return date(int(typed["year"]), int(typed["month"]), int(typed["day"]))
    except ValueError:
        return None


def _question(language: Language, refusal: str = "") -> str:
    return page("birth_date", language, refusal=refusal)


def _wrong(wrong: WrongBirthDate, language: Language) -> str:
    if wrong.tries_left == 0:
        return closed_page(language)
    entry = PAGES[language].entry
    sentence = entry.wrong_but_one if wrong.tries_left == 1 else entry.wrong
    return _question(language, sentence.format(count=wrong.tries_left))
