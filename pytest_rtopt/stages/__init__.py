"""The stages of a run, as functions from values to values."""
