"""The page of figures, its pictures and its tables."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from xml.etree import ElementTree

import pytest

from pharmacy.domain.orders import OrderStatus
from tests.web.console.pages import Console, words
from tests.work import Work


def test_the_page_answers_each_question_in_a_sentence(paul: Console, work: Work) -> None:
    work.bring_to(OrderStatus.SHIPPED)

    page = words(paul.get("/figures"))

    assert "How many orders came, and what did they bring? 1 order and USD 0.00 in these days." in page
    assert "Fewer than 5 people began in these quarters, so nothing is shown." in page
    assert "from eight on there are limits" in page


def test_a_pharmacy_without_orders_is_told_so(paul: Console) -> None:
    page = words(paul.get("/figures"))

    assert "No order has left a state in these days." in page
    assert "No notice fell due in these days." in page


def test_figures_are_one_page_of_few_questions_to_the_books(
    paul: Console, work: Work, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    work.bring_to(OrderStatus.SHIPPED)

    with count_queries() as statements:
        paul.get("/figures?first_on=2026-01-01")

    assert len([each for each in statements if each.startswith(("SELECT", "WITH"))]) <= 12


def test_more_than_a_leap_year_is_refused_in_words(paul: Console) -> None:
    answer = paul.get("/figures?first_on=2020-01-01")

    assert answer.status_code == 422
    assert "at most 366 days" in words(answer)


def test_pictures_and_tables_are_files_that_stand_alone(paul: Console, work: Work) -> None:
    work.submit()

    picture = paul.get("/figures/orders/picture/1")
    table = paul.get("/figures/orders/csv")

    assert ElementTree.fromstring(picture.text).get("aria-label") == "Orders received each day"
    assert "attachment" in picture.headers["Content-Disposition"]
    assert table.text.splitlines()[0] == 'Day,Orders,"Revenue, cents"'
    assert table.text.splitlines()[-1] == "2026-11-23,1,0"


def test_points_are_the_values_that_were_drawn(paul: Console, work: Work) -> None:
    work.submit()

    points = paul.get("/figures/orders/points/1").get_json()

    assert points["names"][-1] == "23 Nov"
    assert points["values"][-1] == "1"


@pytest.mark.parametrize("path", ["/figures/weather/csv", "/figures/orders/picture/3", "/figures/x/points/1"])
def test_what_is_no_figure_is_not_there(paul: Console, path: str) -> None:
    assert paul.get(path).status_code == 404


def test_the_technician_is_told_whose_page_it_is(tess: Console) -> None:
    assert tess.get("/figures").status_code == 403
    assert "Figures" not in words(tess.get("/orders"))
