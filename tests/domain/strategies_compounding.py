"""Values of compounding and pricing for properties: one strategy for each kind, named in the plural."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from pharmacy.domain.beyond_use import Limit
from pharmacy.domain.capsules import FillerMethod, PackingStatistics
from pharmacy.domain.potency import ApiForm, AssayBasis, Certificate
from pharmacy.domain.pricing import StrengthCount
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.supply import MOST_CAPSULES_PER_VIAL
from pharmacy.domain.weighing import Balance
from tests.domain.benches import a_bench, a_triturate_lot, an_api_lot

MOST_CAPSULES = 300


def certificates() -> st.SearchStrategy[Certificate]:
    """Certificates that state their water, on every basis and for every form."""
    return st.builds(
        Certificate,
        assay_pct=st.decimals("80", "102", places=1),
        basis=st.sampled_from(AssayBasis),
        form=st.sampled_from(ApiForm),
        water_pct=st.decimals("0", "12", places=1),
        solvents_pct=st.decimals("0", "1", places=2),
    )


def masses(least: str, most: str, places: int = 1) -> st.SearchStrategy[Milligrams]:
    return st.decimals(least, most, places=places).map(Milligrams)


def balances() -> st.SearchStrategy[Balance]:
    """Balances from analytical to pharmacy class, with either limit or both."""
    limits = st.one_of(
        st.tuples(masses("0.5", "10"), st.none()),
        st.tuples(st.none(), masses("10", "200")),
        st.tuples(masses("0.5", "10"), masses("10", "200")),
    )
    return st.builds(
        lambda readability, limit: Balance(
            name="B1",
            readability=Milligrams(Decimal(readability)),
            sensitivity_requirement=limit[0],
            max_error_pct=Decimal(5),
            certificate_minimum=limit[1],
        ),
        st.sampled_from(["0.1", "0.2", "0.5", "1", "2"]),
        limits,
    )


def strengths() -> st.SearchStrategy[Micrograms]:
    """Strengths from 0.1 mg to 10 mg."""
    return st.integers(100, 10_000).map(Micrograms)


def counts() -> st.SearchStrategy[int]:
    return st.integers(1, MOST_CAPSULES)


@st.composite
def benches(draw: st.DrawFn):
    """Benches with any certificate, balance, triturate and packing statistics, by either filler method."""
    method = draw(st.sampled_from(FillerMethod))
    packing = masses("80", "300")
    return a_bench(
        api_lot=an_api_lot(certificate=draw(certificates())),
        triturate_lot=a_triturate_lot(strength=draw(st.decimals("0.01", "0.2", places=9))),
        balance=draw(balances()),
        packing=PackingStatistics(
            shell="size 3", filler=draw(packing), api=draw(packing), triturate=draw(packing)
        ),
        filler_method=method,
        target_fill=draw(packing) if method is FillerMethod.CONSTANT_FILL else None,
    )


def _vials_for(capsules: int) -> st.SearchStrategy[int]:
    return st.integers(-(-capsules // MOST_CAPSULES_PER_VIAL), min(3, capsules))


@st.composite
def strength_counts(draw: st.DrawFn) -> tuple[StrengthCount, ...]:
    """One to five different strengths with their capsules, in vials that hold them."""
    chosen = draw(st.lists(strengths(), min_size=1, max_size=5, unique=True))
    return tuple(
        StrengthCount(strength=strength, capsules=capsules, vials=draw(_vials_for(capsules)))
        for strength in chosen
        for capsules in [draw(counts())]
    )


def days() -> st.SearchStrategy[date]:
    """Days on which something may be compounded, leap days among them."""
    return st.dates(date(2024, 1, 1), date(2050, 12, 31))


def caps_from(day: date) -> st.SearchStrategy[list[Limit]]:
    """Limits on or after a day."""
    return st.lists(st.dates(day, date(2060, 12, 31)).map(lambda on: Limit(on, "a lot")), max_size=4)
