"""When each recurring job last ran: the age of the youngest sweep is a health figure."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from pharmacy.store.base import Model


class Heartbeat(Model):
    __tablename__ = "heartbeats"
    job: Mapped[str] = mapped_column(primary_key=True)
    beaten_at: Mapped[datetime]


def beat(session: Session, job: str, *, now: datetime) -> None:
    filed = insert(Heartbeat).values(job=job, beaten_at=now)
    session.execute(filed.on_conflict_do_update(index_elements=["job"], set_={"beaten_at": now}))


def last(session: Session, job: str) -> datetime | None:
    return session.scalar(select(Heartbeat.beaten_at).where(Heartbeat.job == job))
