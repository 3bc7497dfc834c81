"""Celery: carries out what the books ask for. Tasks are a few lines that call a use case, and take ids only."""
