"""What derivations show: exported variables, flags and where they stand, and what an overlay changed."""
