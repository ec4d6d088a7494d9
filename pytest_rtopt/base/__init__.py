"""Helpers that every other package may use: processes, errors, atomic writes, state and data directories."""
