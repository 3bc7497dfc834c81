"""Batch plans, which are for staff."""

from tests.web.api.isolation import to_staff

REACHES = {("POST", "/api/v1/batch-plans"): to_staff({})}
