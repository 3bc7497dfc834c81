"""What stands in a form, what is wrong with it, and how its fields show both."""

from dataclasses import dataclass

import pytest
from flask import Flask, render_template_string

from pharmacy.domain.errors import Unfit
from pharmacy.domain.orders import Role
from pharmacy.web.console.forms import Form
from pharmacy.web.console.places import PLACES
from pharmacy.web.console.rooms import ROOMS


@dataclass(eq=False)
class _Refused(Unfit):
    def __str__(self) -> str:
        return "Not before 2026-11-23."


def _shown(app: Flask, form: Form, call: str) -> str:
    with app.test_request_context():
        page = '{% import "console/_forms.html" as forms %}{{ forms.' + call + " }}"
        return " ".join(render_template_string(page, form=form).split())


def test_what_was_typed_is_read_without_the_space_around_it_and_nothing_else_is(app: Flask) -> None:
    sent = {"street": "  1 Main St ", "secret": "x", "kind": ["a", "b"]}
    with app.test_request_context(method="POST", data=sent):
        form = Form.typed("street", "kind", "city", longest=9)

    assert form["street"] == "1 Main St"
    assert form.chosen("kind") == ("a", "b")
    assert form["city"] == ""
    assert "secret" not in form.values


def test_empty_required_fields_are_told_each(app: Flask) -> None:
    form = Form.showing({"street": "1 Main St", "city": None}).lacking(
        {"street": "A street.", "city": "A city."}
    )

    assert form.faults == {"city": "A city."}
    assert form.is_refused


@pytest.mark.parametrize(
    ("where", "field"),
    [
        (("city",), "city"),
        (("address", "city"), "city"),
        (("ship", "to"), "ship_to"),
        (("zip",), ""),
        ((), ""),
    ],
)
def test_a_refusal_goes_to_the_field_it_points_to_or_over_the_whole(
    where: tuple[str, ...], field: str
) -> None:
    form = Form.showing({"city": "", "ship_to": ""}).refused(_Refused(where=where))

    said = form.fault(field) if field else form.refusal
    assert said == "Not before Mon 23 Nov 2026."
    assert bool(form.refusal) is not bool(field)


def test_a_field_shows_its_fault_beside_it_and_keeps_what_was_typed(app: Flask) -> None:
    form = Form.showing({"city": 'To"wn'}, name="move").at_fault("city", "No such town.")

    field = _shown(app, form, "field(form, 'city', 'City', hint='As on the parcel')")

    assert 'for="move-city"' in field
    assert 'value="To&#34;wn"' in field
    assert 'aria-describedby="move-city-hint move-city-fault" aria-invalid="true"' in field or (
        'aria-invalid="true" aria-describedby="move-city-hint move-city-fault"' in field
    )
    assert "No such town." in field
    assert '<a href="#move-city">No such town.</a>' in _shown(app, form, "summary(form)")


def test_a_password_is_never_sent_back(app: Flask) -> None:
    assert "hush" not in _shown(
        app, Form.showing({"word": "hush"}), "field(form, 'word', 'W', type='password')"
    )


def test_no_two_entries_of_the_rail_share_a_name_or_a_key() -> None:
    entries = [*ROOMS, *(place for _, places in PLACES for place in places)]

    assert len({entry.name for entry in entries}) == len(entries)
    assert len({entry.letter for entry in entries}) == len(entries)


def test_every_place_has_a_view_that_lets_in_whom_the_rail_shows_it(app: Flask) -> None:
    for _, places in PLACES:
        for place in places:
            view = app.view_functions[place.endpoint]
            assert place.roles == getattr(view, "roles", frozenset(Role)), place.name
