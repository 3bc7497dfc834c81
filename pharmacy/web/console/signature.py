"""The one guard of signed acts: a view calls it before it opens the books for the act.

    require_signature()
    with told_apart(), pharmacy.sessions.write() as session:
        verify_order(...)

It is checked in a transaction of its own, so that a refused signature is on record although the act is not done.
The template places the field with `_signature.html`; a refusal points to the field "signature".
"""

from __future__ import annotations

from flask import request

from pharmacy.store.waits import told_apart
from pharmacy.usecases.sign_again import SignatureDue, sign_again
from pharmacy.web.console.presence import the_actor
from pharmacy.web.current import the_pharmacy

FIELD = "signature"
_LONGEST_PASSWORD = 1000


def require_signature() -> None:
    """The form was signed by the person at work. Raises SignatureDue, SignatureRefused or SignedInVain."""
    password = request.form.get(FIELD, "")[:_LONGEST_PASSWORD]
    if not password:
        raise SignatureDue(where=(FIELD,))
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        refusal = sign_again(session, password, by=the_actor(), now=pharmacy.clock())
    if refusal is not None:
        raise refusal
