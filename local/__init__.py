"""The embedded set-up behind `make run` and `make test`: real servers, a supervisor, a mailbox.

Nothing here knows the pharmacy, and the pharmacy knows nothing of this: what passes between
them is the environment, as in production. `prepare.py` and `browser.py` are run by the
machine's own Python before anything is installed, and use its standard library only.
"""
