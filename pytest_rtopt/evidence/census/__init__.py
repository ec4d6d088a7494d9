"""Counting the instructions of a program, function by function, and comparing two programs."""
