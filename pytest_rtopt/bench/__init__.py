"""Workloads, paired sampling, statistics and verdicts on speed; knows nothing of Nix."""
