"""How hard properties are tried here.

The whole folder is to run in three seconds, so that it is run after every change. A few
examples a property do that; a search in depth is `--hypothesis-profile=thorough`.
"""

from hypothesis import settings

settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)


def pytest_configure(config):
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("quick")
