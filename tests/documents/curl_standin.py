#!/usr/bin/env python3
"""curl as far as the README uses it, for machines that have none: -sS, -u, -d, -d @-, -H and one address."""

import argparse
import base64
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def main() -> None:
    """Send one request and write its answer out, a refusal's too, as curl does."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("-sS", action="store_true", dest="quiet", required=True)
    asked.add_argument("-u", dest="login")
    asked.add_argument("-d", dest="body", required=True)
    asked.add_argument("-H", dest="headers", action="append", default=[])
    asked.add_argument("address")
    given = asked.parse_args()
    headers = dict(header.split(": ", 1) for header in given.headers)
    if given.login:
        headers["Authorization"] = f"Basic {base64.b64encode(given.login.encode()).decode()}"
    body = sys.stdin.buffer.read() if given.body == "@-" else given.body.encode()
    try:
        answer = urlopen(Request(given.address, body, headers), timeout=30)
    except HTTPError as refusal:
        answer = refusal
    with answer:
        sys.stdout.write(answer.read().decode())


if __name__ == "__main__":
    main()
