"""What the barcode on a label holds: an opaque number that only this pharmacy could have printed.

Fifteen digits name the label and nine digits sign them, so that a scan of anything else, or of a number
somebody made up, is refused before the books are asked. Digits only: 24 of them fit a small label.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from uuid import UUID

_NAME_DIGITS = 15
_SIGN_DIGITS = 9
# Signed along, so that the code of a bag is no code of a label.
_LABEL, _BAG = b"label:", b"bag:"


@dataclass(frozen=True, slots=True)
class LabelCodes:
    """Makes and checks label codes with one secret key."""

    key: bytes = field(repr=False)

    def code_for(self, label_id: UUID) -> str:
        """The 24 digits for that label; the same label always gets the same ones."""
        name = f"{label_id.int % 10**_NAME_DIGITS:0{_NAME_DIGITS}d}"
        return name + self._signature(name)

    def code_for_order(self, number: int) -> str:
        """The 24 digits for the bag of that order."""
        name = f"{number:0{_NAME_DIGITS}d}"
        return name + self._signature(name, _BAG)

    def order_number_of(self, code: str) -> int | None:
        """The order whose bag bears that code; None for a code that this pharmacy made for no bag."""
        name, signature = code[:_NAME_DIGITS], code[_NAME_DIGITS:]
        is_ours = (
            code.isascii() and code.isdigit() and hmac.compare_digest(signature, self._signature(name, _BAG))
        )
        return int(name) if is_ours else None

    def is_genuine(self, code: str) -> bool:
        """Whether this pharmacy made the code."""
        name, signature = code[:_NAME_DIGITS], code[_NAME_DIGITS:]
        return code.isascii() and code.isdigit() and hmac.compare_digest(signature, self._signature(name))

    def _signature(self, name: str, kind: bytes = _LABEL) -> str:
        digest = hmac.digest(self.key, kind + name.encode(), hashlib.sha256)
        return f"{int.from_bytes(digest) % 10**_SIGN_DIGITS:0{_SIGN_DIGITS}d}"
