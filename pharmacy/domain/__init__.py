"""The rules of the pharmacy: arithmetic, calendars and texts, with no database, clock or network.

Everything here is a frozen value or a pure function of values. Time, identity and chance
come in as arguments. Doses are whole micrograms, masses and shares are decimals, and a
binary float is refused wherever it appears, because 0.1 + 0.2 is not a dose.
"""
