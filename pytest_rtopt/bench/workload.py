"""Workloads: programs with a fixed answer that are timed, described independently of any paths."""

from __future__ import annotations

import math
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_rtopt.base.errors import RtoptError

if TYPE_CHECKING:
    from pathlib import Path

_PLACE_NAMES = frozenset({"out", "programs", "workloads", "scratch"})


class WorkloadError(RtoptError):
    """A workload has a wrong description, or did not give the required answer."""


@dataclass(frozen=True)
class Places:
    """The paths of one side that a workload can name.

    `out` is the store path of the runtime. `workloads` is the directory of the workload sources. `scratch` is
    a private directory of this side. `programs` is the store path of programs built with the runtime, if any.
    """

    out: Path
    workloads: Path
    scratch: Path
    programs: Path | None = None


@dataclass(frozen=True)
class Command:
    """A process to start, with its complete environment."""

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    cwd: Path


@dataclass(frozen=True)
class Workload:
    """A deterministic program whose standard output is its answer.

    - `name`: `runtime/name`.
    - `argv`, `prepare` and the values of `env`: `str.format` templates with the fields `{out}`,
      `{programs}`, `{workloads}` and `{scratch}`.
    - `prepare`: commands that run once on each side before the first start, without timing.
    - `expected`: the promised gain, as a range of fractions.
    - `threshold`: the required gain as a fraction (0: must not be slower).
    - `timeout`, `prepare_timeout`: seconds for one start and for one preparation.

    Raises `WorkloadError` if a value is out of range or a template has an unknown field.
    """

    name: str
    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()
    prepare: tuple[tuple[str, ...], ...] = ()
    expected: tuple[float, float] | None = None
    threshold: float = 0.0
    timeout: float = 120.0
    prepare_timeout: float = 600.0

    def __post_init__(self) -> None:
        runtime, slash, rest = self.name.partition("/")
        if not (runtime and slash and rest):
            raise WorkloadError(f"The workload name {self.name!r} must be of the form `runtime/name`.")
        if not self.argv or not all(self.prepare):
            raise WorkloadError(f"The workload {self.name} has an empty command; name a program to start.")
        if not (math.isfinite(self.threshold) and self.threshold > -1):
            raise WorkloadError(
                f"The threshold {self.threshold!r} of {self.name} must be a fraction above -1 (0.05 is 5 %)."
            )
        if self.expected is not None and not -1 < self.expected[0] <= self.expected[1] < math.inf:
            raise WorkloadError(
                f"The expected range {self.expected!r} of {self.name} must be two fractions above -1, the "
                "smaller one first."
            )
        if not (self.timeout > 0 and self.prepare_timeout > 0):
            raise WorkloadError(f"The timeouts of {self.name} must be positive numbers of seconds.")
        for template in self.templates():
            self._require_known_places(template)

    @property
    def runs_programs(self) -> bool:
        """Whether it runs programs that were built with the runtime, and not the runtime itself."""
        return any("{programs}" in template for template in self.argv)

    def command(self, places: Places) -> Command:
        """Return the timed command for the side at `places`."""
        return self._command(self.argv, places)

    def preparations(self, places: Places) -> tuple[Command, ...]:
        """Return the untimed commands that run once before the first start on the side at `places`."""
        return tuple(self._command(argv, places) for argv in self.prepare)

    def _command(self, argv: tuple[str, ...], places: Places) -> Command:
        return Command(
            argv=tuple(self._fill(template, places) for template in argv),
            env=self._environment(places),
            cwd=places.scratch,
        )

    def _environment(self, places: Places) -> tuple[tuple[str, str], ...]:
        # This is an allow-list, because variables of the user's shell (LD_PRELOAD, GODEBUG, LUA_INIT) can
        # change what runs. Even the size of the environment moves the stack, which affects the time.
        scratch = str(places.scratch)
        clean = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": scratch, "TMPDIR": scratch}
        own = {name: self._fill(template, places) for name, template in self.env}
        return tuple(sorted((clean | own).items()))

    def templates(self) -> tuple[str, ...]:
        """Return all words of its commands and all values of its variables, as they were written."""
        prepared = (template for argv in self.prepare for template in argv)
        return (*self.argv, *prepared, *(value for _, value in self.env))

    def _require_known_places(self, template: str) -> None:
        try:
            fields = {field for _, field, _, _ in string.Formatter().parse(template) if field is not None}
        except ValueError as error:
            raise WorkloadError(
                f"{template!r} in {self.name} is not a template: {error}; write a literal brace twice."
            ) from error
        for field in sorted(fields - _PLACE_NAMES):
            allowed = ", ".join(f"{{{name}}}" for name in sorted(_PLACE_NAMES))
            raise WorkloadError(f"{{{field}}} in {self.name} is unknown; the allowed fields are {allowed}.")

    def _fill(self, template: str, places: Places) -> str:
        if places.programs is None and "{programs}" in template:
            raise WorkloadError(
                f"{self.name} needs {{programs}}, but no programs were built with the runtime {places.out}."
            )
        return template.format(
            out=places.out,
            programs=places.programs,
            workloads=places.workloads,
            scratch=places.scratch,
        )
