"""The bench calculator: single questions of the bench answered with every figure; nothing is written down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pharmacy.domain.beyond_use import CATEGORY_LIMIT_DAYS
from pharmacy.domain.figures import Figure
from pharmacy.domain.liquids import LiquidStep, lasts_as, volume_of_doses
from pharmacy.domain.mixing import machine_loads
from pharmacy.domain.orders import Role
from pharmacy.domain.quality import acceptance_of, stated
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.shells import Shell, choose_shell
from pharmacy.domain.tablets import Tablets, crushed_tablets
from pharmacy.domain.weighing import MAX_ERROR_PCT, Balance, minimum_weighable
from pharmacy.usecases.bench_stock import mass_of
from pharmacy.usecases.figures_as_facts import figures_facts
from pharmacy.web.api import bench_shapes as shapes
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_reading

blueprint = Blueprint("bench", __name__, url_prefix="/api/v1/bench", description="The bench calculator")

BENCH = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)


@blueprint.post("/minimum-weighable")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.BalanceAskedInput())
@blueprint.response(200, shapes.WorkedOutOutput)
def minimum(asked: dict[str, Any]) -> Any:
    """The least that a balance may weigh: by sensitivity, by certificate, or by USP <41>; the strictest."""
    least = minimum_weighable(_balance(asked))
    return _answered((least,), f"Weigh no less than {least.text} mg.")


@blueprint.post("/tablets")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.TabletsInput())
@blueprint.response(200, shapes.WorkedOutOutput)
def tablets(asked: dict[str, Any]) -> Any:
    """Crushed tablets that hold so much drug, diluted first where that is too little to weigh."""
    balance, mixture = _balance(asked["balance"]), Milligrams(asked["mixture_mg"])
    source = Tablets(label=Milligrams(asked["label_mg"]), mean_mass=Milligrams(asked["mean_tablet_mg"]))
    made = crushed_tablets(Milligrams(asked["needed_mg"]), source, mixture, balance)
    taken = balance.text(made.weighing.target)
    if made.tablets is None or made.diluent is None:
        return _answered(made.figures, f"Weigh {taken} of crushed tablets.")
    diluted = f"Crush {made.tablets}, add {balance.text(made.diluent.target)} of diluent"
    return _answered(made.figures, f"{diluted}, and weigh {taken} of the mixture.")


@blueprint.post("/shells")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.ShellsInput())
@blueprint.response(200, shapes.WorkedOutOutput)
def shells(asked: dict[str, Any]) -> Any:
    """The smallest shell that holds a fill, by the vendor's volumes."""
    fill, density = Milligrams(asked["fill_mg"]), asked["tapped_density_g_per_ml"]
    choice = choose_shell(fill, density, [Shell(**each) for each in asked["shells"]])
    return _answered(choice.figures, f"Size {choice.shell.size}.")


@blueprint.post("/acceptance")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.AcceptanceValueInput())
@blueprint.response(200, shapes.WorkedOutOutput)
def acceptance(asked: dict[str, Any]) -> Any:
    """The acceptance value of USP <905>, stage 1, from mean and standard deviation of ten."""
    mean = stated("content_mean", "Mean content", asked["mean_pct"], "%")
    check = acceptance_of(mean, stated("content_sd", "Standard deviation", asked["deviation_pct"], "%"))
    value = check.figures[-1].text
    return _answered(check.figures, check.faults[0] if check.faults else f"{value} passes.", check.passed)


@blueprint.post("/loads")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.LoadsInput())
@blueprint.response(200, shapes.WorkedOutOutput)
def loads(asked: dict[str, int]) -> Any:
    """The loads of the capsule machine, as even as can be."""
    made = machine_loads(asked["capsules"], asked["plate"])
    return _answered((), " + ".join(map(str, made)))


@blueprint.post("/volumes")
@needs_staff(*BENCH)
@blueprint.arguments(shapes.VolumeInput())
@blueprint.response(200, shapes.WorkedOutOutput)
def volumes(asked: dict[str, Any]) -> Any:
    """The volume of an oral liquid for all doses, and in which kinds of vehicle one bottle lasts so long."""
    steps = [LiquidStep(dose=each["dose_mg"], days=each["days"]) for each in asked["steps"]]
    volume, days = volume_of_doses(steps, asked["concentration_mg_per_ml"]), sum(each.days for each in steps)
    lasting = [category.replace("_", " ") for category in CATEGORY_LIMIT_DAYS if lasts_as(category, days)]
    fitting = [name for name in lasting if name != "solid"]
    kinds = f"as {', '.join(fitting)} only" if fitting else "in no vehicle"
    return _answered((volume,), f"{volume.text} mL for {days} days; one bottle lasts {kinds}.", bool(fitting))


def _balance(asked: dict[str, Any]) -> Balance:
    return Balance(
        name="asked about",
        readability=Milligrams(asked["readability_mg"]),
        sensitivity_requirement=mass_of(asked["sensitivity_requirement_mg"]),
        max_error_pct=asked["max_error_pct"] or MAX_ERROR_PCT,
        certificate_minimum=mass_of(asked["certificate_minimum_mg"]),
        repeatability_sd=mass_of(asked["repeatability_mg"]),
    )


def _answered(figures: Iterable[Figure], answer: str, passes: bool | None = None) -> dict[str, Any]:
    """Who asks is let in as for anything else; the books are not read further."""
    with staff_reading():
        return {"figures": figures_facts(figures), "answer": answer, "passes": passes}
