"""The way in: a link, the birth date, and then the page that the link is for.

The first look at an address shows the question and nothing else, so that a mail program that fetches links learns
nothing and uses up no try.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import render_template, request

from pharmacy.domain.actors import Actor
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
from pharmacy.web.patient.blueprint import blueprint, house
from pharmacy.web.patient.passes import give_pass, holds_for

_BECAUSE = "the address is the secret, and the birth date is asked for"
_LONGEST_TOKEN = 100


# A room shows its page, and carries out what was asked for on it.
Room = Callable[[Session, PrivateLink, str], str]
Deed = Callable[[Session, PrivateLink, Mapping[str, str], Actor], str]
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
        look_at_private_link(session, _token(token), by=pharmacy.clockwork, now=pharmacy.clock())
    return _question()


@blueprint.post("/<token>")
@public(_BECAUSE)
def answer(token: str) -> Any:
    """The page, once the birth date is right; the question again when it is not."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        entered = enter_private_link(
            session, _token(token), _birth_on(), by=pharmacy.clockwork, now=pharmacy.clock()
        )
        if isinstance(entered, PrivateLink):
            show, _ = _room(entered)
            return show(session, entered, give_pass(entered.id))
    return _wrong(entered), 403


@blueprint.post("/<token>/act")
@public(_BECAUSE)
def act(token: str) -> Any:
    """What the page offered is done; the question again for whoever has no pass, or one that has run out."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        link = look_at_private_link(session, _token(token), by=pharmacy.clockwork, now=pharmacy.clock())
        if not holds_for(request.form.get("pass", ""), link.id):
            return _question("You took a while. Please give your date of birth again."), 403
        _, deed = _room(link)
        return deed(session, link, request.form.to_dict(), patient_actor(link.patient_id))


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


def _question(refusal: str = "") -> str:
    return render_template("patient/birth_date.html", house=house(), refusal=refusal)


def _wrong(wrong: WrongBirthDate) -> str:
    if wrong.tries_left == 0:
        sentence = "That was not right, and it was the last try. This link is closed."
        return render_template(
            "patient/refusal.html", heading="This link is closed", sentence=sentence, house=house()
        )
    tries = "one more try" if wrong.tries_left == 1 else f"{wrong.tries_left} more tries"
    return _question(f"That date does not fit. You have {tries}.")
