"""The gate for hooks: `rtopt-gate`, or `python -I -m pytest_rtopt.gate_command`.

Without `-I`, Python imports modules from the current directory and from PYTHONPATH first. A `pytest.py` there
would run in place of pytest. So this module imports nothing from outside the standard library, and starts
itself again with `-I` where that is missing.
"""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Ask the gate in an isolated Python, and return a status as pytest has them."""
    if not sys.flags.isolated:
        os.execv(sys.executable, [sys.executable, "-I", "-m", "pytest_rtopt.gate_command", *sys.argv[1:]])  # noqa: S606  # the same interpreter, and no shell
    from pytest_rtopt.plugin.gate_run import ask_gate  # noqa: PLC0415  # imports pytest, see above

    return ask_gate(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
