"""The wired whole: what is decided once per process, for web, workers, command line and tests alike.

Flask-SQLAlchemy keeps engines per Flask app, so a bare carrier app holds the database address for the one
moment in which the engine is made; the web app never knows of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
from flask import Flask
from sqlalchemy import Engine

from pharmacy.config import PRINTER, Config, Mode
from pharmacy.domain.actors import CLOCKWORK, Actor
from pharmacy.domain.labels import PharmacyOnLabel
from pharmacy.domain.notice_texts import Sender
from pharmacy.gateways.head_file import HeadFile
from pharmacy.gateways.house_ledger import HouseLedger
from pharmacy.gateways.label_pdf import LabelPdf
from pharmacy.gateways.label_printers import FolderPrinter, RawPrinter
from pharmacy.gateways.label_zpl import LabelZpl
from pharmacy.gateways.receipt_pdf import ReceiptPdf
from pharmacy.gateways.redis_tally import RedisTally
from pharmacy.gateways.sms_http import SmsGateway
from pharmacy.gateways.smtp_mail import MailLogin, Security, SmtpMail
from pharmacy.gateways.webhook_post import WebhookPost
from pharmacy.store.base import db
from pharmacy.store.pool import try_when_rested
from pharmacy.store.sessions import Sessions
from pharmacy.store.waits import connection_options
from pharmacy.usecases.ask_provider import Till
from pharmacy.usecases.deliver_webhook import Teller
from pharmacy.usecases.label_codes import LabelCodes
from pharmacy.usecases.notice_desk import NoticeDesk
from pharmacy.usecases.passkeys import Site
from pharmacy.usecases.ports import (
    LabelRenderer,
    Mail,
    Notary,
    PaymentProvider,
    ReceiptRenderer,
    Sms,
    Webhooks,
)
from pharmacy.usecases.print_label import PrintRoom, Seat
from pharmacy.usecases.rate_limits import Gate
from pharmacy.usecases.reference import ReferenceShelf
from pharmacy.usecases.request_labels import Imprint
from pharmacy.usecases.sealed_secrets import SealedSecrets
from pharmacy.usecases.stop_codes import StopCodes


@dataclass(frozen=True, kw_only=True)
class Pharmacy:
    """Everything that is decided once per process."""

    sessions: Sessions
    reference: ReferenceShelf
    labels: LabelRenderer
    imprint: Imprint
    printers: Mapping[str, Seat]
    mail: Mail
    webhooks: Webhooks
    payments: PaymentProvider
    receipts: ReceiptRenderer
    notary: Notary
    gate: Gate
    clock: Callable[[], datetime]
    zone: ZoneInfo
    public_url: str
    is_demo: bool
    secret_key: str = field(repr=False)
    close: Callable[[], None]
    clockwork: Actor = CLOCKWORK
    # None where there is no gateway for text messages; the secret is that by which it signs what it hands over.
    sms: Sms | None = None
    sms_secret: str | None = field(default=None, repr=False)

    @property
    def sender(self) -> Sender:
        """Who signs notices."""
        return Sender(self.imprint.identity.name, self.imprint.identity.phone)

    @property
    def notice_desk(self) -> NoticeDesk:
        """What sending notices needs."""
        return NoticeDesk(
            mail=self.mail,
            sms=self.sms,
            sender=self.sender,
            pages=f"{self.public_url.rstrip('/')}/p",
            stop_codes=StopCodes(self.secret_key.encode()),
            shelf=self.reference,
            zone=self.zone,
        )

    @property
    def print_room(self) -> PrintRoom:
        """What printing needs."""
        return PrintRoom(seats=self.printers, imprint=self.imprint)

    @property
    def teller(self) -> Teller:
        """Who speaks to subscribers, and the key from which their secrets are derived."""
        return Teller(self.webhooks, self.secret_key.encode())

    @property
    def vault(self) -> SealedSecrets:
        """What keeps the secrets of second factors."""
        return SealedSecrets(self.secret_key.encode())

    @property
    def site(self) -> Site:
        """For which address passkeys are made."""
        return Site.of(self.public_url)

    @property
    def till(self) -> Till:
        """What payments need."""
        return Till(provider=self.payments, shelf=self.reference, zone=self.zone)


def books(config: Config) -> Flask:
    """A Flask app that carries the database address and nothing else."""
    carrier = Flask("pharmacy")
    carrier.config.update(
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            # What was bound may name a patient, and errors end in logs.
            "hide_parameters": True,
            "pool_size": 10,
            "max_overflow": 10,
            "pool_timeout": 10,
            "json_serializer": _json_text,
            "connect_args": {"options": connection_options()},
        },
    )
    db.init_app(carrier)
    return carrier


def engine(config: Config) -> Engine:
    """The engine for those books; whoever takes it disposes of it."""
    with books(config).app_context():
        try_when_rested(db.engine)
        return db.engine


def build(config: Config) -> Pharmacy:
    """The whole pharmacy as that configuration describes it."""
    the_engine = engine(config)
    sessions = Sessions(the_engine, info={"audit_key": config.audit_key.encode()})
    return Pharmacy(
        sessions=sessions,
        reference=ReferenceShelf(),
        labels=LabelPdf(),
        imprint=Imprint(
            identity=PharmacyOnLabel(
                name=config.pharmacy_name, address=config.pharmacy_address, phone=config.pharmacy_phone
            ),
            zone=config.zone,
            codes=LabelCodes(config.secret_key.encode()),
        ),
        printers=_printers(config),
        mail=_mail(config),
        sms=_sms(config),
        sms_secret=config.sms_secret,
        webhooks=WebhookPost(may_be_private=config.webhooks_may_be_private),
        payments=HouseLedger(sessions, utc_now),
        receipts=ReceiptPdf(),
        notary=HeadFile(config.audit_key.encode(), Path(config.state_dir) / "audit-heads.jsonl"),
        gate=Gate(RedisTally(config.redis_url)),
        clock=utc_now,
        zone=config.zone,
        public_url=config.public_url,
        is_demo=config.mode is Mode.DEMO,
        secret_key=config.secret_key,
        close=the_engine.dispose,
    )


def _sms(config: Config) -> Sms | None:
    if config.sms_url is None or config.sms_secret is None:
        return None
    return SmsGateway(url=config.sms_url, secret=config.sms_secret, sender=config.sms_from)


def _printers(config: Config) -> Mapping[str, Seat]:
    """The printers by name; the demonstration has a folder, so that printing can be seen without one."""
    described = [PRINTER.fullmatch(each) for each in config.label_printers.split()]
    named = {each["name"]: _seat(each) for each in described if each is not None}
    if config.mode is Mode.DEMO:
        folder = Path(config.state_dir).absolute() / "printed-labels"
        named.setdefault("folder", Seat(FolderPrinter(folder, "pdf"), LabelPdf()))
    return named


def _seat(described: re.Match[str]) -> Seat:
    is_pdf = described["form"] == "pdf"
    renderer = LabelPdf() if is_pdf else LabelZpl(int(described["form"].removeprefix("zpl-")))
    if described["folder"]:
        return Seat(FolderPrinter(Path(described["folder"]), "pdf" if is_pdf else "zpl"), renderer)
    return Seat(RawPrinter(host=described["host"], port=int(described["port"])), renderer)


def _mail(config: Config) -> SmtpMail:
    login = MailLogin(config.mail_user, config.mail_password or "") if config.mail_user else None
    return SmtpMail(
        host=config.mail_host,
        port=config.mail_port,
        sender=config.mail_from,
        clock=utc_now,
        security=Security(config.mail_security),
        login=login,
    )


def utc_now() -> datetime:
    """The one clock."""
    return datetime.now(UTC)


def _json_text(value: object) -> str:
    return orjson.dumps(value, default=_plain).decode()


def _plain(value: object) -> str:
    """JSON has neither bytes nor exact decimals: bytes go as hexadecimal, decimals as their digits."""
    return value.hex() if isinstance(value, bytes) else str(value)
