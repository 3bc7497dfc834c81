"""How a stretch of the audit trail is sealed.

A seal covers entries in a fixed order and hangs on the seal before: its head is the SHA-256 over the previous
head, its own number, how many entries it covers, and their digests. Whoever edits, removes, adds or swaps a
sealed entry changes a head, and with it every head that follows; whoever makes all heads anew lacks the
signature over them and the copies that are kept outside the database (house policy).
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from pharmacy.domain.figures import require_whole

# What the first seal hangs on.
NO_HEAD = bytes(32)


def head_of(previous_head: bytes, number: int, digests: Iterable[bytes]) -> bytes:
    """The head of seal `number` (counted from 1) over entries with these digests, in that order."""
    require_whole(number, "number")
    covered = tuple(digests)
    counted = number.to_bytes(8, "big") + len(covered).to_bytes(8, "big")
    return hashlib.sha256(previous_head + counted + b"".join(covered)).digest()


class Fault(StrEnum):
    """What can be wrong with a trail, in the words of the report."""

    ENTRY_EDITED = "an entry does not say what was written"
    ENTRY_MISSING = "a sealed entry is gone"
    ENTRY_UNKNOWN = "an entry is neither sealed nor waiting to be"
    SEAL_MISSING = "a seal is gone"
    HEAD_WRONG = "a seal does not cover what it names"
    SIGNATURE_WRONG = "a seal was not signed here"
    OUTSIDE_DIFFERS = "a seal is another than the copy kept outside"
    OUTSIDE_MISSING = "the copies kept outside are gone or cut off"
    ORDER_MOVED = "an order is not where the trail last saw it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault, and the seal, entry or order at which it shows."""

    fault: Fault
    seal_number: int | None = None
    subject_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailReport:
    """What a verification of the whole trail found; `faults` is empty for a trail that is whole, else the first
    bad place comes first. `unsealed` entries could still vanish unseen: their number is said."""

    entries: int
    seals: int
    unsealed: int
    faults: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        return not self.faults
