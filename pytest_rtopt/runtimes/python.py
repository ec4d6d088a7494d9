"""Python 3.13: profile-guided optimization of the interpreter at the requested level."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.registry import REGISTRY
from pytest_rtopt.bench.workload import Workload
from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.environment import ENV_KEPT
from pytest_rtopt.claims.flag_placement import FLAGS_ARE_READ
from pytest_rtopt.claims.isa import ISA_LEVEL, ISA_RUNS_HERE
from pytest_rtopt.claims.lto import lto_claim
from pytest_rtopt.claims.march_flag import FLAGS_REACH_COMPILER
from pytest_rtopt.claims.model import Answer, Claim, Runtime
from pytest_rtopt.claims.optimization_flags import NO_INTERPOSITION, OPTIMIZATION_LEVEL, TUNING_CLAIM
from pytest_rtopt.claims.pgo import pgo_claim, pgo_used
from pytest_rtopt.claims.python_interpreter import (
    INTERPRETER,
    LOOP_IS_HOT,
    PLACES,
    STATIC_INTERPRETER,
    STATIC_TLS,
)
from pytest_rtopt.claims.same_source import SAME_SOURCE
from pytest_rtopt.claims.self_report import REPORTS_PATH, self_report
from pytest_rtopt.results.values import EvidenceKind, FindingStatus
from pytest_rtopt.runtimes.pyperformance import installed_workloads

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation, Side

# A line at the end of CPython's test suite, which serves as training.
_TEST_RUN: Final = re.compile(r"^Total test files: run=(\d+)", re.MULTILINE)
# overlays/training/python.py prints this line after each of its parts.
_PART: Final = re.compile(r"^rtopt: trained on (\w+) in ", re.MULTILINE)
# Upstream's default task has had 40 to 45 files since 3.8, its extended one more than 400.
_DEFAULT_TASK: Final = 30
_EXTENDED_TASK: Final = 300

# The variables of sysconfig that distutils and setuptools use to compile extension modules.
_RECORDED: Final = (
    *("CC", "CXX", "CFLAGS", "PY_CFLAGS", "BASECFLAGS", "CONFIGURE_CFLAGS", "OPT", "CPPFLAGS", "LDFLAGS"),
    *("CCSHARED", "LDSHARED", "LDCXXSHARED", "BLDSHARED"),
)
_CODE_FLAG: Final = re.compile(r"-(?:m|O|f(?:lto|profile|auto-profile|branch))\S*")
_PRINT_RECORDED: Final = (
    "import sysconfig; "
    f"print(*(f'{{{{name}}}}={{{{sysconfig.get_config_var(name)}}}}' for name in {_RECORDED!r}), sep='\\n')"
)
_PRINT_ENVIRONMENT: Final = (
    "import os, sys, packaging; print(sys.base_prefix); print(packaging.__file__); "
    "print(os.readlink('/proc/self/exe'), "
    "*sorted({{line.split()[-1] for line in open('/proc/self/maps') if 'libpython' in line}}), sep='\\n')"
)


def trained_as_requested(observation: Observation) -> Answer:
    """Decide whether the code was laid out by a profile from training at the requested level."""
    laid_out = pgo_used(INTERPRETER)(observation)
    if laid_out.status is not FindingStatus.PROVEN:
        return laid_out
    level, log = observation.settings.pgo_level, observation.optimized.log
    if log is None:
        return unproven(f"{laid_out.evidence}; there is no build log, so the training is unknown")
    actual, words = _training(log.text)
    if actual is None:
        return refuted(f"{laid_out.evidence}; but the build log shows no sufficient training: {words}")
    if actual != level:
        return refuted(f"the training has the level {actual}, but {level} is requested: {words}")
    return proven(f"{laid_out.evidence}; trained at the level {level}: {words}")


def _training(log: str) -> tuple[str | None, str]:
    """Return the level of the training in a log, or `None` if it is insufficient, and its description."""
    files = [int(number) for number in _TEST_RUN.findall(log)]
    parts = _PART.findall(log)
    words = f"{' and '.join(map(str, files)) or 'no'} files of CPython's tests"
    if parts:
        words += f", then {len(parts)} parts of the overlay's training ({', '.join(parts)})"
    if not files or max(files) < _DEFAULT_TASK:
        return None, words
    return ("FULL" if parts or max(files) >= _EXTENDED_TASK else "LIGHT"), words


def with_packages_uses_it(observation: Observation) -> Answer:
    """Decide whether `withPackages` makes environments of the optimized interpreter."""
    if observation.same_derivation:
        return not_applicable("stock and optimized are the same interpreter")
    report = observation.optimized.reports.get("environment")
    if report is None:
        return unproven("the package set builds no environment with it")
    prefix, _, rest = report.partition("\n")
    loaded = rest.splitlines()[1:]
    foreign = [path for path in (prefix, *loaded) if not _is_below(path, observation.optimized.out)]
    if foreign:
        return refuted(
            f"the interpreter of `withPackages` runs {', '.join(foreign)}, which is not below "
            f"{observation.optimized.out}; the overlay did not reach the package set (`self`, `pythonAttr`)"
        )
    if not loaded:
        return unproven(
            f"an interpreter of `withPackages` has the prefix {prefix}, but does not show where its code is"
        )
    return proven(
        f"a running interpreter of `withPackages` has the prefix {prefix} and its code from there "
        f"({', '.join(loaded)})"
    )


def _is_below(path: str, out: str) -> bool:
    return path == out or path.startswith(f"{out}/")


def sysconfig_clean(observation: Observation) -> Answer:
    """Decide whether extension modules that are compiled later do not inherit this machine's flags."""
    if observation.same_derivation:
        return not_applicable("stock and optimized are the same interpreter")
    leaked = sorted(_code_flags(observation.optimized) - _code_flags(observation.stock))
    if leaked:
        return refuted(
            f"sysconfig records {', '.join(leaked)}, which stock's does not: every extension module that "
            "this interpreter compiles inherits them, for any machine; pass flags by NIX_CFLAGS_COMPILE"
        )
    return proven(
        f"none of the {len(_RECORDED)} variables of sysconfig for extension modules has a flag for code "
        "generation that stock lacks"
    )


def _code_flags(side: Side) -> set[str]:
    """Return the flags for code generation that sysconfig records, each with its variable."""
    flags = set()
    for line in side.reports["recorded"].splitlines():
        name, _, value = line.partition("=")
        flags |= {f"{flag} in {name}" for flag in value.split() if _CODE_FLAG.fullmatch(flag)}
    return flags


def _python(name: str, expected: tuple[float, float] | None = None) -> Workload:
    return Workload(
        f"python/{name}",
        ("{out}/bin/python3", "-I", f"{{workloads}}/python/{name}.py"),
        expected=expected,
    )


PYTHON: Final = Runtime(
    registered=REGISTRY["python"],
    binaries={INTERPRETER: PLACES},
    claims=(
        FLAGS_REACH_COMPILER,
        FLAGS_ARE_READ,
        OPTIMIZATION_LEVEL,
        TUNING_CLAIM,
        NO_INTERPOSITION,
        ENV_KEPT,
        SAME_SOURCE,
        ISA_LEVEL,
        ISA_RUNS_HERE,
        lto_claim(INTERPRETER),
        replace(
            pgo_claim(INTERPRETER),
            promise="the code was laid out by a profile from training at the requested level",
            decide=trained_as_requested,
        ),
        STATIC_TLS,
        STATIC_INTERPRETER,
        LOOP_IS_HOT,
        Claim(
            "with-packages-uses-it",
            "environments with packages run the optimized interpreter",
            (EvidenceKind.SELF_REPORT,),
            with_packages_uses_it,
        ),
        Claim(
            "sysconfig-clean",
            "extension modules that are compiled later do not inherit the flags",
            (EvidenceKind.SELF_REPORT,),
            sysconfig_clean,
        ),
        self_report("version", "python3 --version", "version", r"^Python 3\.13\."),
        self_report("implementation", "sys.implementation.name", "implementation", "^cpython$"),
        self_report("config", "sysconfig.get_config_var('CONFIG_ARGS')", "config", "--"),
        REPORTS_PATH,
    ),
    workloads=(
        Workload(
            "python/start",
            ("{out}/bin/python3", "-I", "-c", "print(sum(range(1000000)))"),
            expected=(0.05, 0.10),
        ),
        _python("imports", (0.08, 0.15)),
        _python("compute", (0.10, 0.30)),
        _python("logs", (0.10, 0.30)),
        _python("language", (0.10, 0.30)),
        _python("simulation", (0.10, 0.30)),
        _python("routes", (0.10, 0.30)),
        _python("templates", (0.10, 0.30)),
        _python("tables", (0.10, 0.30)),
        _python("files", (0.0, 0.05)),
    ),
    optional_workloads=installed_workloads,
    sources=("python", "packaging"),
    libraries=("lib/python3.*/lib-dynload/*.so",),
    reports={
        "version": ("{out}/bin/python3", "--version"),
        "implementation": ("{out}/bin/python3", "-I", "-c", "import sys; print(sys.implementation.name)"),
        "config": (
            *("{out}/bin/python3", "-I", "-c"),
            "import sysconfig; print(sysconfig.get_config_var('CONFIG_ARGS'))",
        ),
        "recorded": ("{out}/bin/python3", "-I", "-c", _PRINT_RECORDED),
        "environment": ("{programs}/bin/python3", "-I", "-c", _PRINT_ENVIRONMENT),
    },
)
