"""How often a system may knock within a minute, decided before the books are opened for it.

Whoever a token belongs to is remembered once it has let somebody in, so that a flood is turned away without a
transaction. Tokens that are not known yet, and proofs, count against the address from which they come. Behind
a proxy that nobody has named as trusted that is the proxy's, and the limit is wide for that reason. The limits are a setting of the house.

Counting is a tally's work (a port): windows are whole minutes of the clock, so a caller may spend two minutes'
worth around the turn of a minute, and never more.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pharmacy.domain.errors import NotAllowed
from pharmacy.store import reference as books
from pharmacy.store.sessions import Sessions
from pharmacy.store.waits import told_apart
from pharmacy.usecases.ports import Tally

WINDOW_SECONDS = 60
# A change of the setting is in force in every process after so long.
_LIMITS_HOLD_FOR = timedelta(seconds=30)
# More tokens than that do not hold at once; a full map is emptied and learns again.
_MOST_TOKENS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """Each is a number a minute: of a client's requests, of one client's proofs from one address, of what comes
    from an address without being known, and of refused tokens that are put on record."""

    client: int
    proof: int
    address: int
    refusals_on_record: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What is left of a limit until its window ends."""

    policy: str
    limit: int
    left: int
    seconds: int


@dataclass(eq=False)
class RateExceeded(NotAllowed):
    allowance: Allowance

    def __str__(self) -> str:
        told = self.allowance
        return f"More than {told.limit} requests in a minute. Wait {told.seconds} seconds, then go on."


class Gate:
    """Counts who knocks; one for each process, safe between threads."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._clients: dict[bytes, UUID] = {}
        self._limits: tuple[datetime, RateLimits] | None = None

    def remember(self, token_hash: bytes, api_client_id: UUID) -> None:
        """That token let this client in."""
        if len(self._clients) >= _MOST_TOKENS:
            self._clients.clear()
        self._clients[token_hash] = api_client_id

    def forget(self, token_hash: bytes) -> None:
        """That token does not let anybody in (any more)."""
        self._clients.pop(token_hash, None)

    def admit_token(self, sessions: Sessions, token_hash: bytes, address: str, *, now: datetime) -> Allowance:
        """What its client has left after this request, or else the address; RateExceeded when nothing was."""
        limits = self._limits_in_force(sessions, now)
        client = self._clients.get(token_hash)
        if client is None:
            return self._spend("address", address, limits.address, now)
        return self._spend("client", str(client), limits.client, now)

    def admit_proof(self, sessions: Sessions, client_id: str, address: str, *, now: datetime) -> Allowance:
        """What this client id has left at this address after this proof; RateExceeded when nothing was."""
        limits = self._limits_in_force(sessions, now)
        self._spend("address", address, limits.address, now)
        pair = hashlib.sha256(f"{client_id}\n{address}".encode(errors="replace")).hexdigest()
        return self._spend("proof", pair, limits.proof, now)

    def is_to_be_recorded(self, sessions: Sessions, token_hash: bytes, *, now: datetime) -> bool:
        """Whether the refusal of this token goes on record: once a minute, and so many in all."""
        if self._count(f"refused:{token_hash.hex()}", now) > 1:
            return False
        return self._count("refused", now) <= self._limits_in_force(sessions, now).refusals_on_record

    def _spend(self, policy: str, whose: str, limit: int, now: datetime) -> Allowance:
        counted = self._count(f"{policy}:{whose}", now)
        allowance = Allowance(
            policy=policy,
            limit=limit,
            left=max(0, limit - counted),
            seconds=WINDOW_SECONDS - int(now.timestamp()) % WINDOW_SECONDS,
        )
        if counted > limit:
            raise RateExceeded(allowance)
        return allowance

    def _count(self, name: str, now: datetime) -> int:
        return self._tally.count(name, now=now, seconds=WINDOW_SECONDS)

    def _limits_in_force(self, sessions: Sessions, now: datetime) -> RateLimits:
        kept = self._limits
        if kept is not None and abs(now - kept[0]) < _LIMITS_HOLD_FOR:
            return kept[1]
        with told_apart(), sessions.read() as session:
            setting = books.setting_in_force(session, "rate_limits")
        limits = RateLimits(
            client=setting["client_a_minute"],
            proof=setting["proof_a_minute"],
            address=setting["address_a_minute"],
            refusals_on_record=setting["refusals_on_record_a_minute"],
        )
        self._limits = (now, limits)
        return limits
