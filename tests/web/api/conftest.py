"""A search in depth, for `pytest tests/web/api --hypothesis-profile=thorough`."""

from hypothesis import settings

settings.register_profile("thorough", max_examples=500, deadline=None)
