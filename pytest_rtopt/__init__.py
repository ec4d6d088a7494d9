"""Generate, build, verify, benchmark and gate hardware-optimized language runtimes with Nix and pytest."""
