"""LDN pharmacy: a titration is one object, and everything is derived from it."""
