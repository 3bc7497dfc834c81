"""The one blueprint on which all rooms of the console hang their doors."""

from __future__ import annotations

from flask import Blueprint

PREFIX = "/console"

blueprint = Blueprint("console", __name__, url_prefix=PREFIX, template_folder="templates")
