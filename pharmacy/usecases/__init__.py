"""What people and systems want of the pharmacy: one intention, one function, one transaction each.

A use case reads the books, asks the rules and writes the answer down. It never sends anything:
what the outside must hear is written beside the change and carried out later by a worker.
"""
