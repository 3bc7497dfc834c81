"""The states, the federal district and the inhabited territories of the United States, by their postal codes."""

from enum import StrEnum

_POSTAL_CODES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND "
    "OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR VI GU AS MP"
)
STATES = tuple(_POSTAL_CODES.split())
State = StrEnum("State", {code: code for code in STATES})  # type: ignore[misc]  # Members come from the list.
