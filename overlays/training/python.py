# ruff: noqa: INP001  # a script, run by its path
"""Training of pgoLevel "FULL": upstream's default task, which has to pass, then its extended one.

Run by CPython's Makefile with the instrumented interpreter. The extended task runs the whole test suite, of
which some tests fail in a build sandbox (no network, no users); their profile counts all the same.
"""

import subprocess
import sys

REGRTEST = [sys.executable, "-m", "test"]

subprocess.run([*REGRTEST, "--pgo"], check=True)
subprocess.run([*REGRTEST, "--pgo-extended", "--timeout=900"], check=False)
