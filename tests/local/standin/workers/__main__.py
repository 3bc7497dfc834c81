"""Reaches the real queue server, says so, and waits to be ended."""

import os
import signal
import sys

import redis

with redis.Redis.from_url(os.environ["PHARMACY_REDIS_URL"]) as queue:
    queue.ping()
sys.stdout.write(f"{sys.argv[-1]} is there\n")
sys.stdout.flush()
signal.pause()
