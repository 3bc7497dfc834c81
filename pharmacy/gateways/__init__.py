"""One outside thing each: paper, a mail server, the patient's own calendar.

A gateway translates a value of ours into what the outside understands and the outside's
answers into the errors of `pharmacy.usecases.ports`. It decides nothing, holds no
transaction and knows no database.
"""
