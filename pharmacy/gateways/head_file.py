"""The notary of the audit trail: an Ed25519 key that the database never sees, and a file of heads outside it.

The key is derived (HKDF, RFC 5869) from the secret that also authenticates entries, so that whoever restores a
pharmacy needs one secret and not two. The file holds one line for each seal and is only ever added to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pharmacy.usecases.ports import KeptHead

# More than two lines.
_END = 1_000


class HeadFile:
    """Signs heads and keeps them in `path`, one JSON line each, in the order of their numbers."""

    def __init__(self, secret: bytes, path: Path) -> None:
        seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"seals of the audit trail").derive(secret)
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._path = path

    def sign(self, head: bytes) -> bytes:
        return self._key.sign(head)

    def is_signed(self, head: bytes, signature: bytes) -> bool:
        try:
            self._key.public_key().verify(signature, head)
        except InvalidSignature:
            return False
        return True

    def keep(self, head: KeptHead) -> None:
        """The head is on disk when this returns."""
        line = orjson.dumps(
            {"number": head.number, "head": head.head.hex(), "signature": head.signature.hex()}
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def kept(self) -> Iterator[KeptHead]:
        """Every head in the file that was signed here; a line that was cut off or forged counts for nothing."""
        if not self._path.exists():
            return
        for line in self._path.read_bytes().splitlines():
            head = _read(line)
            if head is not None and self.is_signed(head.head, head.signature):
                yield head

    def newest(self) -> KeptHead | None:
        """The head kept last: the sealer asks every few seconds, so only the end of the file is read."""
        if not self._path.exists():
            return None
        with self._path.open("rb") as file:
            file.seek(max(0, self._path.stat().st_size - _END))
            last_lines = file.read().splitlines()
        heads = [head for line in last_lines if (head := _read(line)) is not None]
        return heads[-1] if heads else None


def _read(line: bytes) -> KeptHead | None:
    try:
        told = orjson.loads(line)
        return KeptHead(
            number=int(told["number"]),
            head=bytes.fromhex(told["head"]),
            signature=bytes.fromhex(told["signature"]),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
