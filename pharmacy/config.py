"""The settings a process is started with, read from the environment once.

Everything that is missing or malformed is complained of at once. These are addresses, keys and the
pharmacy's identity; numbers a pharmacist answers for live in the books (table `settings`), not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from environs import Env, EnvValidationError, ValidationError

_SHORTEST_SECRET = 32
_MOST_PROXIES = 5
# A name, the language it is spoken to in, and where it is: a raw port or a folder.
PRINTER = re.compile(
    r"(?P<name>[a-z][a-z0-9-]{0,39})=(?P<form>zpl-203|zpl-300|pdf)\+"
    r"(?:tcp://(?P<host>[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})|folder://(?P<folder>/\S+))"
)
_MAIL_SECURITIES = ("starttls", "tls", "none")


class Mode(StrEnum):
    PRODUCTION = "production"
    DEMO = "demo"


class ConfigError(Exception):
    """The environment does not describe a pharmacy; the text lists every name that is wrong."""


@dataclass(frozen=True, kw_only=True)
class Config:
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    audit_key: str = field(repr=False)
    mail_host: str
    mail_port: int
    mail_from: str
    mail_security: str
    mail_user: str | None
    mail_password: str | None = field(repr=False)
    webhooks_may_be_private: bool
    public_url: str
    mode: Mode
    state_dir: str
    zone: ZoneInfo
    pharmacy_name: str
    pharmacy_address: str
    pharmacy_phone: str
    # None where there is no gateway for text messages: then nobody is told by one.
    sms_url: str | None = None
    sms_secret: str | None = field(default=None, repr=False)
    sms_from: str = "+15550100000"
    label_printers: str = ""
    # How many proxies of the house stand in front: as many addresses of X-Forwarded-For are believed.
    trusted_proxies: int = 0

    @classmethod
    def from_env(cls) -> Config:
        """The configuration that the environment describes; ConfigError lists all that is wrong with it."""
        env = Env(eager=False, prefix="PHARMACY_")
        read = _read(env)
        try:
            env.seal()
        except EnvValidationError as refusal:
            messages = refusal.error_messages
            named = messages.items() if isinstance(messages, Mapping) else [("", messages)]
            wrong = [f"PHARMACY_{name.removeprefix('PHARMACY_')}: {' '.join(why)}" for name, why in named]
            raise ConfigError("The environment does not describe a pharmacy. " + " ".join(wrong)) from None
        return cls(**read)


def _read(env: Env) -> dict[str, Any]:
    """Every setting, whether it is right or not: complaints are collected by the reader."""
    return {
        "database_url": env.str("DATABASE_URL", validate=_starts_with("postgresql+psycopg://")),
        "redis_url": env.str("REDIS_URL", validate=_starts_with("redis")),
        "secret_key": env.str("SECRET_KEY", validate=_long_enough),
        "audit_key": env.str("AUDIT_KEY", validate=_long_enough),
        "mail_host": env.str("MAIL_HOST"),
        "mail_port": env.int("MAIL_PORT"),
        "mail_from": env.str("MAIL_FROM", "pharmacy@pharmacy.example"),
        "mail_security": env.str("MAIL_SECURITY", "starttls", validate=_is_security),
        "mail_user": env.str("MAIL_USER", None),
        "mail_password": env.str("MAIL_PASSWORD", None),
        "sms_url": env.str("SMS_URL", "", validate=_may_lack(_starts_with("http"))) or None,
        "sms_secret": env.str("SMS_SECRET", "", validate=_may_lack(_long_enough)) or None,
        "sms_from": env.str("SMS_FROM", "+15550100000"),
        "webhooks_may_be_private": _private_webhooks(env),
        "public_url": env.str("PUBLIC_URL"),
        "mode": env.enum("MODE", Mode.PRODUCTION, enum=Mode, by_value=True),
        "state_dir": env.str("STATE_DIR", "."),
        "zone": _zone(env),
        "pharmacy_name": env.str("NAME", "Example Pharmacy"),
        "pharmacy_address": env.str("ADDRESS", "1 Main St, Town, NY 10001"),
        "pharmacy_phone": env.str("PHONE", "(555) 010-0000"),
        "trusted_proxies": env.int("TRUSTED_PROXIES", 0, validate=_is_few),
        # As in bench=zpl-203+tcp://10.0.0.5:9100, several apart by blanks.
        "label_printers": env.str("LABEL_PRINTERS", "", validate=_are_printers),
    }


def _private_webhooks(env: Env) -> bool:
    """Whether webhooks may go to this machine, unencrypted: in a demonstration alone, and only when asked for."""
    is_demo = env.str("MODE", Mode.PRODUCTION) == Mode.DEMO
    return bool(env.bool("WEBHOOKS_MAY_BE_PRIVATE", default=False, validate=_only_in(is_demo)))


def _only_in(is_demo: bool) -> Callable[[bool], None]:
    def check(value: bool) -> None:
        if value and not is_demo:
            raise ValidationError("Only in a demonstration (PHARMACY_MODE=demo).")

    return check


def _zone(env: Env) -> ZoneInfo | None:
    name = env.str("ZONE", "America/New_York", validate=_is_zone)
    return ZoneInfo(name) if name and _zone_exists(name) else None


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _is_zone(name: str) -> None:
    if not _zone_exists(name):
        raise ValidationError("Not a time zone of the IANA database.")


def _is_security(name: str) -> None:
    if name not in _MAIL_SECURITIES:
        raise ValidationError(f"One of {', '.join(_MAIL_SECURITIES)}.")


def _may_lack(check: Callable[[str], None]) -> Callable[[str], None]:
    return lambda value: check(value) if value else None


def _are_printers(text: str) -> None:
    for each in text.split():
        if not PRINTER.fullmatch(each):
            raise ValidationError(
                f"{each} is not NAME=zpl-203+tcp://HOST:PORT or NAME=pdf+folder:///PATH (zpl-203, zpl-300 or pdf)."
            )


def _is_few(count: int) -> None:
    if not 0 <= count <= _MOST_PROXIES:
        raise ValidationError(f"From 0 to {_MOST_PROXIES}: the proxies of your own in front of this.")


def _long_enough(secret: str) -> None:
    if len(secret) < _SHORTEST_SECRET:
        raise ValidationError(f"At least {_SHORTEST_SECRET} characters.")


def _starts_with(prefix: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if not value.startswith(prefix):
            raise ValidationError(f"Must start with {prefix}")

    return check
