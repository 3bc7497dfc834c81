"""The environment that the pharmacy's processes are started with: its only settings.

The names are the pharmacy's; `make run` and the tests fill them with the addresses of
embedded servers, docker-compose.yml with those of its own.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


def _secret() -> str:
    return secrets.token_hex(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where the pharmacy finds what it needs, and what only it may know."""

    database_url: str
    redis_url: str
    state: Path
    """A folder for what the processes must remember about themselves."""
    public_url: str = "http://127.0.0.1:8000"
    mail_port: int = 9
    """Of 127.0.0.1; on port 9 nobody listens."""
    page_port: int = 9
    """Of 127.0.0.1, where the mailbox takes text messages; on port 9 nobody listens."""
    sms_secret: str = field(default_factory=_secret, repr=False)
    secret_key: str = field(default_factory=_secret, repr=False)
    audit_key: str = field(default_factory=_secret, repr=False)

    def variables(self) -> Mapping[str, str]:
        """As environment variables."""
        return {
            "PHARMACY_MODE": "demo",
            "PHARMACY_DATABASE_URL": self.database_url,
            "PHARMACY_REDIS_URL": self.redis_url,
            "PHARMACY_SECRET_KEY": self.secret_key,
            "PHARMACY_AUDIT_KEY": self.audit_key,
            "PHARMACY_MAIL_HOST": "127.0.0.1",
            "PHARMACY_MAIL_PORT": str(self.mail_port),
            "PHARMACY_MAIL_SECURITY": "none",  # The mailbox is on this machine.
            "PHARMACY_SMS_URL": f"http://127.0.0.1:{self.page_port}/sms",
            "PHARMACY_SMS_SECRET": self.sms_secret,
            "PHARMACY_PUBLIC_URL": self.public_url,
            "PHARMACY_STATE_DIR": str(self.state),
        }
