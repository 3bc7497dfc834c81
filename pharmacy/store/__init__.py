"""The books: tables, the named queries for them, and the one place where a transaction begins and ends."""
