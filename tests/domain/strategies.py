"""Values for properties: one strategy for each kind of value, named in the plural.

Built from the constraints of the domain and not tuned: a dose is anything from a
microgram to the catalogue maximum, a plan has up to six steps, which may go down,
pause, or be taken in the morning and at bedtime.
"""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.refills import RefillPolicy
from pharmacy.domain.supply import Window
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan

MAXIMUM_MCG = 10_000


def doses(at_least: int = 1) -> st.SearchStrategy[Micrograms]:
    """Doses from a microgram to ten milligrams, with the usual half milligrams among them."""
    fine = st.integers(at_least, MAXIMUM_MCG)
    usual = st.integers(1, 20).map(lambda halves: halves * 500)
    return st.one_of(usual, fine).map(Micrograms)


def dates() -> st.SearchStrategy[date]:
    """Days of this century's second quarter, leap days included."""
    return st.dates(date(2024, 1, 1), date(2050, 12, 31))


def durations() -> st.SearchStrategy[int]:
    """How long a step lasts, in days."""
    return st.integers(1, 30)


@st.composite
def _intakes(draw: st.DrawFn) -> tuple[Intake, ...]:
    times = draw(st.lists(st.sampled_from(TimeOfDay), min_size=1, max_size=2, unique=True))
    return tuple(Intake(time, draw(st.one_of(doses(), st.just(Micrograms(0))))) for time in times)


def closed_steps() -> st.SearchStrategy[Step]:
    """Steps with an end."""
    return st.builds(Step, _intakes(), durations())


def closed_plans() -> st.SearchStrategy[TitrationPlan]:
    """Plans with a last day."""
    return st.lists(closed_steps(), min_size=1, max_size=6).map(lambda steps: TitrationPlan(tuple(steps)))


@st.composite
def open_plans(draw: st.DrawFn) -> TitrationPlan:
    """Plans whose last step goes on."""
    before = draw(st.lists(closed_steps(), max_size=5))
    return TitrationPlan((*before, Step(draw(_intakes()), None)))


def plans() -> st.SearchStrategy[TitrationPlan]:
    """Plans of either kind."""
    return st.one_of(closed_plans(), open_plans())


@st.composite
def windows_of(draw: st.DrawFn, plan: TitrationPlan) -> Window:
    """Windows inside the plan; of an open one, within its first 200 days."""
    end = plan.closed_days or 200
    first_day = draw(st.integers(1, end))
    return Window(first_day, draw(st.integers(1, min(90, end - first_day + 1))))


@st.composite
def plans_and_windows(draw: st.DrawFn) -> tuple[TitrationPlan, Window]:
    """A plan and a stretch of it."""
    plan = draw(plans())
    return plan, draw(windows_of(plan))


@st.composite
def refill_policies(draw: st.DrawFn) -> RefillPolicy:
    """Shares from nothing to all in hundredths, leads and lags of up to three weeks."""
    return RefillPolicy(
        used_share=Decimal(draw(st.integers(0, 100))) / 100,
        lead_days=draw(st.integers(0, 21)),
        start_lag_days=draw(st.integers(0, 21)),
    )
