"""Counts the instructions of a program function by function, and compares two programs."""
