"""Settings: every number of the house with its source, owner and reason, and what it was before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.errors import NotFound, PharmacyError
from pharmacy.domain.orders import Role
from pharmacy.store import reference
from pharmacy.store.waits import told_apart
from pharmacy.usecases.change_setting import SettingChange, SettingNotFound, change_setting, may_change
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form, given
from pharmacy.web.console.frame import frame
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.setting_fields import fields_of, value_in_words, value_typed
from pharmacy.web.console.settings_shown import setting_row, setting_title
from pharmacy.web.console.signature import require_signature
from pharmacy.web.current import the_pharmacy
from pharmacy.web.errors import status_of
from pharmacy.web.guards import needs_role

READERS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE, Role.ADMINISTRATOR, Role.AUDITOR)
KEEPERS = (Role.PHARMACIST_IN_CHARGE, Role.ADMINISTRATOR)
_LONGEST_VALUE = 4000
_REASONS = ("source", "reason")


@blueprint.get("/settings")
@needs_role(*READERS)
def settings_page() -> Any:
    """Every setting in force."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        standing = reference.every_setting(session)
        around = frame(session, "settings")
    rows = sorted((setting_row(each, pharmacy.zone) for each in standing), key=lambda row: row.title)
    return render_template("console/settings.html", frame=around, rows=rows)


@blueprint.get("/settings/<name>")
@needs_role(*READERS)
def setting_page(name: str) -> Any:
    """One setting, its history, and the form that changes it."""
    return _page(name, None)


@blueprint.post("/settings/<name>")
@needs_role(*KEEPERS)
def set_setting(name: str) -> Any:
    """The new value is in force; or the form again, saying why not."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        history = reference.history_of_setting(session, name)
    if not history:
        raise SettingNotFound
    fields = [each.name for each in fields_of(history[0].value)]
    form = Form.typed(*fields, *_REASONS, longest=_LONGEST_VALUE)
    try:
        change = SettingChange(
            name=name,
            value=value_typed(history[0].value, form.given(*fields)),
            seen=_seen(),
            source=form["source"],
            reason=form["reason"],
            on=the_viewer().today,
        )
        require_signature()
        with told_apart(), pharmacy.sessions.write() as session:
            change_setting(session, change, by=the_actor(), now=pharmacy.clock())
    except NotFound:
        raise
    except PharmacyError as refusal:
        shown = _pointed(form, refusal, fields)
        return _page(name, shown), status_of(refusal)
    return redirect(url_for("console.setting_page", name=name), code=303)


def _pointed(form: Form, refusal: PharmacyError, fields: list[str]) -> Form:
    """The refusal at the field whose part of the value it points to."""
    inside = ".".join(("value", *(str(part) for part in refusal.where)))
    if refusal.where and inside in fields:
        return form.at_fault(inside, str(refusal))
    return form.refused(refusal, [*fields, *_REASONS, "signature"])


def _seen() -> UUID:
    try:
        return UUID(given("seen"))
    except ValueError:
        return UUID(int=0)


def _page(name: str, form: Form | None) -> str:
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        history = reference.history_of_setting(session, name)
        if not history:
            raise SettingNotFound
        around = frame(session, "settings")
    standing = history[0]
    fields = fields_of(standing.value)
    shown = form or Form.showing({each.name: each.text for each in fields} | {"source": standing.source})
    return render_template(
        "console/setting.html",
        frame=around,
        setting=setting_row(standing, pharmacy.zone),
        title=setting_title(name),
        fields=fields,
        form=shown,
        seen=given("seen") if request.method == "POST" and form else standing.id,
        history=[setting_row(each, pharmacy.zone) for each in history[1:]],
        now_words=value_in_words(standing.value),
        may_change=may_change(standing, the_actor().role),
    )
