"""How long something lasted, as finely as anybody reads it: to the minute, to the quarter of an hour, to the hour.

What is counted by duration then has few different values, however much is counted.
"""

_HOUR, _DAY = 60, 24 * 60
_QUARTER = 15


def as_read(minutes: int) -> int:
    """So many whole minutes: exact below an hour, the last full quarter below a day, the last full hour beyond.

    >>> [as_read(minutes) for minutes in (59, 74, 1439, 1499)]
    [59, 60, 1425, 1440]
    """
    step = 1 if minutes < _HOUR else _QUARTER if minutes < _DAY else _HOUR
    return minutes - minutes % step
