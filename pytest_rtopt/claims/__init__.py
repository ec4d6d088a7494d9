"""What an optimized runtime is held to: one file per claim or family of claims."""
