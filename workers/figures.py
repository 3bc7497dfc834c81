"""Figures of days that are over are summed, so that a page adds up days and not orders."""

from __future__ import annotations

from celery import shared_task

from pharmacy.usecases.sum_figures import sum_figures
from workers.app import the_pharmacy


@shared_task(name="figures.sum")
def add_up() -> None:
    pharmacy = the_pharmacy()
    sum_figures(pharmacy.sessions, pharmacy.zone, by=pharmacy.clockwork, now=pharmacy.clock())
