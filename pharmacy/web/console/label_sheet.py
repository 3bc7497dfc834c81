"""One label on its page, and labels in lists: every word is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.labels import LabelContent, LabelTemplate
from pharmacy.domain.orders import Role
from pharmacy.store.label_prints import LabelPrint, PrintState
from pharmacy.store.labels import Label, LabelKind
from pharmacy.usecases.label_truth import OnShelf, require_standing
from pharmacy.usecases.replace_label import require_replaceable
from pharmacy.usecases.request_print import BROWSER, AlreadyPrinted, NeverPrinted, require_printable
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.places import BENCH, PHARMACISTS
from pharmacy.web.console.words import STATUS_WORDS, Chip, Moment, Tone, instant_moment

KIND_WORDS: Mapping[LabelKind, object] = {
    LabelKind.PROOF: lazy_gettext("Proof, not for dispensing"),
    LabelKind.DISPENSING: lazy_gettext("Dispensing label"),
}
TEMPLATE_WORDS: Mapping[LabelTemplate, object] = {
    LabelTemplate.FOUR_BY_TWO: lazy_gettext("4 x 2 inches"),
    LabelTemplate.THREE_BY_TWO: lazy_gettext("3 x 2 inches"),
    LabelTemplate.STICKER: lazy_gettext("2.25 x 1.25 inches, a sticker beside the label"),
}
_PRINT_CHIPS: Mapping[PrintState, tuple[object, Tone]] = {
    PrintState.WAITING: (lazy_gettext("Waits for its printer"), Tone.WAITING),
    PrintState.SENDING: (lazy_gettext("At the printer"), Tone.HELD),
    PrintState.PRINTED: (lazy_gettext("Printed"), Tone.DONE),
    PrintState.UNCERTAIN: (lazy_gettext("Nobody knows: look at the printer"), Tone.MINE),
    PrintState.FAILED: (lazy_gettext("Did not print"), Tone.BLOCKED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintShown:
    """One print; `copy_id` where the person's browser prints it, and it can be opened once more."""

    number: str
    at: Moment
    person: str
    printer: str
    template: str
    state: Chip
    reason: str
    detail: str
    copy_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSheet:
    """A label with all that may be done to it; each `no_` is why not, in words, and "" where it may."""

    label_id: UUID
    order_id: UUID
    number: int
    rx_number: str
    kind: str
    state: Chip
    reason: str
    at: Moment
    made: str
    order_state: str
    words: tuple[tuple[str, str], ...]
    prints: tuple[PrintShown, ...]
    next_copy: int
    has_file: bool
    no_print: str
    no_reprint: str
    no_void: str
    no_anew: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What stands behind a label: why it was given up, its prints, and who asked for them."""

    failure: str
    prints: Sequence[LabelPrint]
    names: Mapping[UUID, str]
    role: Role
    zone: ZoneInfo


def label_sheet(found: OnShelf, content: LabelContent, behind: Behind) -> LabelSheet:
    label, taken = found.label, [each for each in behind.prints if each.state is not PrintState.FAILED]
    printable = _refusal(lambda: require_printable(found)) or _role_refusal(behind.role, BENCH)
    return LabelSheet(
        label_id=label.id,
        order_id=found.order.id,
        number=found.order.number,
        rx_number=content.rx_number,
        kind=str(KIND_WORDS[label.kind]),
        state=label_chip(label, behind.failure, is_printed=bool(taken)),
        reason=label.void_reason or behind.failure,
        at=instant_moment(label.voided_at or label.made_at or label.requested_at, behind.zone),
        made=f"{label.template_version}, SHA-256 {label.sha256}" if label.sha256 else "",
        order_state=STATUS_WORDS[found.order.status],
        words=_words_of(content),
        prints=tuple(print_shown(each, behind.names, behind.zone) for each in reversed(behind.prints)),
        next_copy=max((each.number for each in taken), default=-1) + 1,
        has_file=label.made_at is not None,
        no_print=printable or (str(AlreadyPrinted(taken[-1].state)) if taken else ""),
        no_reprint=printable or ("" if taken else str(NeverPrinted())),
        no_void=_refusal(lambda: require_standing(label)) or _role_refusal(behind.role, PHARMACISTS),
        no_anew=_refusal(lambda: require_replaceable(found)) or _role_refusal(behind.role, PHARMACISTS),
    )


def label_chip(label: Label, failure: str, *, is_printed: bool) -> Chip:
    """How the label stands."""
    if label.voided_at is not None:
        return Chip(gettext("Void"), Tone.ENDED)
    if label.made_at is None:
        return (
            Chip(gettext("Could not be drawn"), Tone.BLOCKED)
            if failure
            else Chip(gettext("Being made"), Tone.WAITING)
        )
    if label.kind is LabelKind.PROOF:
        return Chip(gettext("Proof"), Tone.WAITING)
    return Chip(gettext("Printed"), Tone.DONE) if is_printed else Chip(gettext("To be printed"), Tone.MINE)


def print_shown(printed: LabelPrint, names: Mapping[UUID, str], zone: ZoneInfo) -> PrintShown:
    """One print in words."""
    words, tone = _PRINT_CHIPS[printed.state]
    return PrintShown(
        number=gettext("Reprint %(number)s", number=printed.number)
        if printed.number
        else gettext("First print"),
        at=instant_moment(printed.requested_at, zone),
        person=names.get(printed.requested_by, ""),
        printer=printer_words(printed.printer),
        template=str(TEMPLATE_WORDS[printed.template]),
        state=Chip(str(words), tone),
        reason=printed.reason or "",
        detail=printed.detail or "",
        copy_id=str(printed.id) if printed.printer == BROWSER else "",
    )


def printer_words(name: str) -> str:
    """A printer as people call it."""
    return str(gettext("This browser")) if name == BROWSER else name


def _words_of(content: LabelContent) -> tuple[tuple[str, str], ...]:
    """Everything the label says, as text."""
    told = (
        (gettext("Patient"), content.patient),
        (gettext("Drug and strength"), content.drug_and_strength),
        (gettext("Directions"), " ".join(content.directions)),
        (gettext("In English"), " ".join(content.english_directions)),
        (gettext("Purpose"), content.purpose),
        (gettext("Quantity"), content.quantity),
        (gettext("Steps"), content.step_text),
        (gettext("Lot"), content.lot or gettext("not yet assigned")),
        (gettext("Do not use after"), content.beyond_use or gettext("not yet assigned")),
        (gettext("Description"), content.description),
        (gettext("Prescriber"), content.prescriber),
        (gettext("Pharmacist"), content.pharmacist),
        (gettext("Refills"), content.refills_left),
        (gettext("Warnings"), " ".join(content.auxiliary)),
    )
    return tuple((name, text) for name, text in told if text)


def _refusal(require: Callable[[], None]) -> str:
    """Why it may not be, as the rule says it; "" where it may."""
    try:
        require()
    except PharmacyError as refusal:
        return str(refusal)
    return ""


def _role_refusal(role: Role, roles: frozenset[Role]) -> str:
    if role in roles:
        return ""
    if roles == PHARMACISTS:
        return str(gettext("Only a pharmacist may."))
    return str(gettext("Only people at the bench may."))
