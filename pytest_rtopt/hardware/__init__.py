"""Hardware profiles, the machine at hand, and whether the one fits the other."""
