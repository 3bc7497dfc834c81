"""`python -m workers worker` and `python -m workers beat`."""

from __future__ import annotations

import sys

from pharmacy.bootstrap import build
from pharmacy.config import Config
from workers.app import create_celery

if __name__ == "__main__":
    config = Config.from_env()
    celery = create_celery(build(config), config)
    celery.set_default()
    celery.start(sys.argv[1:])
