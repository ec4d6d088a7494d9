"""Decides verdicts from findings and measurements, and keeps them in the ledger."""
