"""What the capsules consist of, for allergies: the formulation by which is compounded, and nothing beside it.

Where no formulation has taken effect yet, the setting `formula_excipients` says what is usual in the house. A
formulation that is approved says it from its day on, so that bench and screening can never speak of two formulas.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.components import ComponentKind
from pharmacy.domain.formulations import DosageForm
from pharmacy.domain.screening.statements import Excipient, Formula, Tag
from pharmacy.store import components as catalogue
from pharmacy.store import formulations
from pharmacy.store.components import Component
from pharmacy.store.equipment import ShellMaterial
from pharmacy.usecases.patient_facts import formula_of

_TAGS = {tag.value: tag for tag in Tag}
# What a name says that no tag of the catalogue does.
_BY_NAME = (Tag.RICE, Tag.CELLULOSE)
_SHELLS: Mapping[ShellMaterial, Excipient] = {
    ShellMaterial.GELATIN: Excipient(
        name="a hard gelatin capsule", tags=frozenset({Tag.GELATIN, Tag.ANIMAL})
    ),
    ShellMaterial.HYPROMELLOSE: Excipient(name="a hypromellose capsule"),
}


def formula_in_force(session: Session, on: date, usual: Mapping[str, Any]) -> Formula:
    """Filler and shell of the capsules that are made on that day; the `usual` ones before any formulation."""
    followed = formulations.followed_on(session, DosageForm.CAPSULE, on)
    if followed is None:
        return formula_of(usual)
    ids = [UUID(each["component_id"]) for each in followed.contents["components"]]
    found = catalogue.components(session, ids)
    fillers = [found[each] for each in ids if each in found and found[each].kind is ComponentKind.FILLER]
    shell = _SHELLS[ShellMaterial(followed.contents["shell"]["material"])]
    return Formula(filler=_filler(fillers) if fillers else formula_of(usual).filler, shell=shell)


def _filler(fillers: Sequence[Component]) -> Excipient:
    """All of them as one: an allergy to any is an allergy to what fills the capsule."""
    name = " and ".join(each.name for each in fillers)
    return Excipient(name=name, tags=frozenset(_tags(name, {tag for each in fillers for tag in each.tags})))


def _tags(name: str, known: Collection[str]) -> set[Tag]:
    return {_TAGS[tag] for tag in known if tag in _TAGS} | {tag for tag in _BY_NAME if tag in name.lower()}
