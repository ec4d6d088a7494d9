"""Readers of evidence: one file for each source of it, and none that decides."""
