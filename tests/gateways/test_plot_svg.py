"""Plots as drawings: well-formed, told without colour, and to scale."""

from decimal import Decimal
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from pharmacy.gateways.plot_svg import Course, Level, Look, Row, Rows, draw, scale

SVG = "{http://www.w3.org/2000/svg}"
CHART = Course(
    title="Yield <of> each batch",
    unit="%",
    names=("1 Nov", "2 Nov", "3 Nov"),
    values=(Decimal(99), None, Decimal(103)),
    look=Look.POINTS,
    levels=(Level("mean", Decimal(100), is_limit=False), Level("upper limit", Decimal(102))),
    signals=frozenset({2}),
)


def _drawn(plot: Course | Rows) -> ElementTree.Element:
    return ElementTree.fromstring(draw(plot))


def test_a_chart_names_itself_its_limits_and_marks_a_signal_by_shape() -> None:
    drawing = _drawn(CHART)

    assert drawing.get("aria-label") == "Yield <of> each batch"
    words = [each.text for each in drawing.iter(f"{SVG}text")]
    assert {"mean", "upper limit"} <= set(words)
    assert len([each for each in drawing.iter(f"{SVG}rect") if each.get("class") == "plot-signal"]) == 1
    assert len([each for each in drawing.iter() if each.get("stroke-dasharray")]) == 1


def test_no_style_stands_in_a_drawing_so_that_the_strictest_page_may_show_it() -> None:
    assert "style" not in draw(CHART)


def test_a_bar_is_as_long_as_its_value() -> None:
    rows = Rows(
        title="Days left",
        unit="days",
        rows=(Row(name="A", value=Decimal(10), words="10 days"), Row(name="B", value=Decimal(5), words="5")),
    )

    long, short = (Decimal(each.get("width") or 0) for each in _drawn(rows).iter(f"{SVG}rect"))

    assert long == 2 * short


def test_nothing_to_draw_is_an_empty_drawing() -> None:
    assert _drawn(Rows(title="Nothing", unit="", rows=())).get("role") == "img"
    assert _drawn(Course(title="Nothing", unit="", names=(), values=()))


@given(st.lists(st.decimals(-1000, 100_000, places=2), max_size=20), st.booleans())
def test_every_value_lies_within_its_axis(values: list[Decimal], from_zero: bool) -> None:
    begin, end, step = scale(values, from_zero)

    assert step > 0
    assert begin < end
    assert all(begin <= value <= end for value in values)
    assert (end - begin) / step <= 7
