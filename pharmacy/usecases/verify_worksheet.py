"""Working a worksheet out again, from what its certificate keeps, and from what the books say today."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from pharmacy.domain.errors import PharmacyError
from pharmacy.store import reference as books
from pharmacy.store.batches import Batch
from pharmacy.usecases.calculation_certificate import ENGINE, answers_of, differences, hash_of, recalculate
from pharmacy.usecases.plan_batch import NotCertified, inputs_of
from pharmacy.usecases.scanned_bench import bench_of, rows_behind
from pharmacy.usecases.values_as_facts import as_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Whether the certificate holds; every difference is a sentence with its place."""

    engine: str
    sha256: str
    differences: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.differences


def verify_worksheet(session: Session, batch: Batch) -> Verification:
    """The calculation of the batch, worked out again and compared: engine, answers, hash, and the lots' records.

    Raises NotCertified for a batch that is older than certificates.
    """
    certificate = batch.certificate
    if certificate is None:
        raise NotCertified(batch.number)
    found = (
        [] if certificate["engine"] == ENGINE else [f"/engine: kept {certificate['engine']}, now {ENGINE}"]
    )
    try:
        again = recalculate(certificate)
    except PharmacyError as refusal:
        found.append(f"/inputs: they give no calculation any more: {refusal}")
    else:
        answers = answers_of(again.calculation, again.beyond_use)
        kept = {name: batch.worksheet.get(name) for name in answers}
        found += differences(kept, answers)
        found += (
            []
            if hash_of(certificate, kept) == certificate["sha256"]
            else ["/sha256: it is not that of what is kept"]
        )
    found += _against_the_books(session, batch)
    return Verification(engine=ENGINE, sha256=str(certificate["sha256"]), differences=tuple(found))


def _against_the_books(session: Session, batch: Batch) -> list[str]:
    """Where lots and balance say something else today than the certificate took from them."""
    inputs = inputs_of(batch)
    today = bench_of(session, rows_behind(session, batch), inputs.asked, books.settings_in_force(session))
    kept, now = as_facts(inputs.bench), as_facts(today)
    # Tiers and filling are the house's and may have been set anew since; lots and balance are what was weighed.
    named = [name for name in kept if name.endswith("_lot") or name in {"source", "balance", "packing"}]
    return differences(
        {"inputs": {"bench": {name: kept[name] for name in named}}},
        {"inputs": {"bench": {name: now[name] for name in named}}},
    )
