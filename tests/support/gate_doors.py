"""The three ways to ask the gate: the command of a checkout, that of a wheel, and an activation."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base import process
from tests.support.gate_runs import GATE_OPTIONS, SECONDS, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Door:
    """A command that asks the gate. An activation writes the file `written` where it goes on."""

    command: tuple[str, ...]
    written: Path | None = None

    def ask(self, here: Path, environment: Mapping[str, str], before: str = "true") -> Outcome:
        """Run the command in a directory with `environment`, after the shell command `before`.

        An activation passes where it goes on, whatever its status is.
        """
        if self.written is not None:
            self.written.unlink(missing_ok=True)
        given = {
            "PATH": os.environ["PATH"],
            "HOME": str(here),
            "XDG_CACHE_HOME": str(here / "cache"),
            "COLUMNS": "200",
            **environment,
        }
        # The shell that lays out the surroundings is not a part of them.
        assignments = [f"{name}={value}" for name, value in given.items()]
        command = ["bash", "-c", f'{before}; exec env -i "$@"', "-", *assignments, *self.command]
        surroundings = process.Surroundings(cwd=here)
        completed = process.run(command, timeout=SECONDS, surroundings=surroundings)
        output = completed.text + completed.error_text
        if self.written is None:
            return Outcome(completed.returncode, output)
        return Outcome(0 if self.written.exists() else completed.returncode or 1, output)


def by_checkout() -> Door:
    """Return the command that `make setup` installs."""
    return Door((f"{sys.prefix}/bin/rtopt-gate", *GATE_OPTIONS))


def by_wheel(directory: Path) -> Door:
    """Return the command of a wheel in a new virtual environment, which borrows our dependencies."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(directory)],
        cwd=ROOT,
        check=True,
    )
    (wheel,) = directory.glob("*.whl")
    place = directory / "venv"
    venv.create(place, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python3")]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    site = sysconfig.get_path("purelib", vars={"base": str(place)})
    # Only a directory: what a .pth file there names, such as our own editable installation, is not read.
    Path(site, "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return Door((str(place / "bin" / "rtopt-gate"), *GATE_OPTIONS))


def by_activation(check: str, directory: Path) -> Door:
    """Return an activation script with the check of a module, as home-manager puts it together."""
    script, written = directory / "activate", directory / "written"
    script.write_text(f"set -eu\nset -o pipefail\n{check}\n: > {written}\n")
    return Door(("/bin/bash", str(script)), written)
