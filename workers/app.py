"""Celery's settings and schedule, with the wired pharmacy hung on it.

PostgreSQL holds the work and Redis only wakes workers, so nothing here may be the only place that knows of a
piece of work: no `eta`, no countdown, no results.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from celery import Celery, current_app
from celery.signals import worker_process_init

from pharmacy.bootstrap import Pharmacy
from pharmacy.config import Config

SOFT_LIMIT_SECONDS = 60
HARD_LIMIT_SECONDS = 90
# Redis hands an unacknowledged task out again after so long; tasks are shorter than half of it.
VISIBILITY_SECONDS = 300


def create_celery(pharmacy: Pharmacy, config: Config) -> Celery:
    """The Celery application that carries out this pharmacy's work."""
    celery = Celery(
        "pharmacy",
        include=[
            "workers.outbox",
            "workers.labels",
            "workers.notices",
            "workers.audit",
            "workers.payments",
            "workers.stock",
            "workers.figures",
            "workers.webhooks",
        ],
    )
    celery.conf.update(
        broker_url=config.redis_url,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": VISIBILITY_SECONDS,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 2,
            "socket_timeout": 10,
            "max_retries": 2,
            "interval_start": 0.1,
            "interval_step": 0.2,
            "interval_max": 0.5,
        },
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        task_serializer="json",
        accept_content=["json"],
        task_soft_time_limit=SOFT_LIMIT_SECONDS,
        task_time_limit=HARD_LIMIT_SECONDS,
        timezone="UTC",
        worker_hijack_root_logger=False,
        beat_schedule_filename=str(Path(config.state_dir) / "beat-schedule"),
        beat_schedule={
            "events.relay": {"task": "events.relay", "schedule": 1.0, "options": {"expires": 5}},
            "outbox.relay": {"task": "outbox.relay", "schedule": 1.0, "options": {"expires": 5}},
            "payments.sweep": {"task": "payments.sweep", "schedule": 60.0, "options": {"expires": 60}},
            "audit.seal": {"task": "audit.seal", "schedule": 5.0, "options": {"expires": 15}},
            "stock.expire": {"task": "stock.expire", "schedule": 300.0, "options": {"expires": 300}},
            "figures.sum": {"task": "figures.sum", "schedule": 300.0, "options": {"expires": 300}},
            "notices.sweep": {"task": "notices.sweep", "schedule": 5.0, "options": {"expires": 15}},
        },
    )
    celery.pharmacy = pharmacy
    return celery


def the_pharmacy() -> Pharmacy:
    """The pharmacy that this worker carries work out for."""
    return cast(Pharmacy, current_app.pharmacy)


@worker_process_init.connect
def fresh_connections(**_: object) -> None:
    """A forked worker must not share its parent's database connections."""
    the_pharmacy().close()
