"""Secrets that must be read again are kept encrypted, each bound to the person whose it is.

AES-256-GCM under a key derived (HKDF, RFC 5869) from the server's secret key: whoever copies the database alone
has no authenticator of anybody, and a row copied to another person opens nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class SealedSecrets:
    """Seals and opens; `key` is the server's secret key."""

    key: bytes = field(repr=False)

    def seal(self, owner: UUID, secret: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, secret.encode(), owner.bytes)

    def open(self, owner: UUID, sealed: bytes) -> str:
        """The secret. Raises InvalidTag when it was sealed for somebody else or under another key."""
        return self._cipher().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.bytes).decode()

    def _cipher(self) -> AESGCM:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"second factors of staff")
        return AESGCM(derived.derive(self.key))
