"""Workloads, paired sampling, statistics and verdicts on speed; independent of Nix."""
