"""Node.js 24: how V8 is compiled, and which options a running process has."""

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
from pytest_rtopt.claims.march_flag import flags_reach_compiler
from pytest_rtopt.claims.model import PREBUILT, Answer, Claim, Runtime
from pytest_rtopt.claims.optimization_flags import OPTIMIZATION_LEVEL, TUNING_CLAIM
from pytest_rtopt.claims.pgo import pgo_claim
from pytest_rtopt.claims.same_source import SAME_SOURCE
from pytest_rtopt.claims.self_report import REPORTS_PATH, self_report
from pytest_rtopt.evidence.requested import requested_by
from pytest_rtopt.results.values import EvidenceKind, FindingStatus

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation
    from pytest_rtopt.nix.derivation import Derivation

_BINARY: Final = "node"
_NAMING: Final = ("name", "pname", "version")
# `node --v8-options` describes an option in two lines. The second ends with the value in this process, which
# V8 calls the default.
_V8_VALUE: Final = re.compile(r"^ +(--[\w-]+) .*\n +type: \w+ +default: (\S+)$", re.MULTILINE)
_CACHE_HIT: Final = "was accepted"
# A line of /proc/self/maps with a file. The loader's messages about missing files do not have this form.
_MAPPED: Final = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ [0-9a-f]+ [0-9a-f:]+ \d+ +(/.*)$", re.MULTILINE)

# Starts a program of two modules twice, with only HOME in the environment. Node's messages in the second
# start show whether it found compiled code. Because a wrapper can print such messages, too, there is a third
# start, without the wrapper and with the same options, which reads the code that the first start stored.
_BEHIND: Final = "behind the wrapper:"
_MAIN: Final = (
    'const write = require("fs").writeFileSync; '
    'write("kept", require("module").getCompileCacheDir() || ""); '
    'write("arguments", process.execArgv.join(" ")); write("options", process.env.NODE_OPTIONS || ""); '
    'console.log(require("./m.js")())'
)
_START_TWICE: Final = (
    "mkdir home && echo 'module.exports = function called() {{ return 1 }}' > m.js && "
    f'echo \'{_MAIN}\' > main.js && HOME="$PWD/home" "$1" main.js && '
    'HOME="$PWD/home" NODE_DEBUG_NATIVE=COMPILE_CACHE "$1" main.js 2>&1 && '
    f'echo "{_BEHIND}" && if [ -s kept ]; then '
    'NODE_COMPILE_CACHE="$(dirname "$(cat kept)")" NODE_OPTIONS="$(cat options)" '
    'NODE_DEBUG_NATIVE=COMPILE_CACHE "$2" $(cat arguments) main.js 2>&1; fi'
)
_PRINT_MAPS: Final = "process.stdout.write(require('fs').readFileSync('/proc/self/maps', 'utf8'))"
_PRINT_CONFIG: Final = (
    "JSON.stringify(Object.fromEntries(Object.entries(process.config.variables)"
    ".filter(([name]) => /arch|_lto|_pgo|v8_options/.test(name))))"
)


def compile_is_tuned(observation: Observation) -> Answer:
    """Decide whether the flags reach the compiler of V8; in a prebuilt node they have no effect."""
    if not observation.prebuilt:
        return flags_reach_compiler(observation)
    stock, optimized = observation.stock.derivation, observation.optimized.derivation
    # A different source may be another release, or a release that is compiled.
    if observation.same_derivation or stock.attributes.get("src") != optimized.attributes.get("src"):
        return not_applicable(PREBUILT)
    ineffective = _passed_to_compiler(stock, optimized)
    if ineffective:
        return refuted(f"{', '.join(ineffective)} changes the hash but no code: node is {PREBUILT}")
    if _identity(stock) == _identity(optimized):
        return refuted(f"only the name differs from stock's derivation, and node is {PREBUILT}")
    return not_applicable(PREBUILT)


def _passed_to_compiler(stock: Derivation, optimized: Derivation) -> list[str]:
    """Return the overlay's requests that only a compilation could fulfil."""
    requested = requested_by((stock, optimized))
    optimizations = {
        "link-time optimization": requested.lto,
        "profile-guided optimization": requested.pgo_level != "NONE",
    }
    flags = (
        None if requested.optimization is None else f"-O{requested.optimization}",
        None if requested.mtune is None else f"-mtune={requested.mtune}",
        "-fno-semantic-interposition" if requested.no_interposition else None,
    )
    return [
        *(f"-march={march}" for march in sorted(requested.marches)),
        *(flag for flag in flags if flag is not None),
        *(name for name, is_requested in optimizations.items() if is_requested),
    ]


def _identity(derivation: Derivation) -> tuple[object, ...]:
    """Return the content of a derivation without its name and without the paths that depend on the name."""
    rest = derivation.attributes.keys() - {*_NAMING, *derivation.outputs}
    return derivation.inputs, {name: derivation.attributes[name] for name in rest}


def v8_options(observation: Observation) -> Answer:
    """Decide whether a process that was started without arguments has the requested V8 options."""
    options = (observation.settings.v8_options or "").split()
    if not options:
        return not_applicable("nothing asks for V8 options")
    answers = [_v8_option(observation, option) for option in options]
    doubts = [answer for answer in answers if answer.status is not FindingStatus.PROVEN]
    return doubts[0] if doubts else proven("; ".join(answer.evidence for answer in answers))


def _v8_option(observation: Observation, option: str) -> Answer:
    optimized, stock = (_v8_values(side.reports["v8"]) for side in (observation.optimized, observation.stock))
    expected = option.replace("_", "-")
    name = expected.partition("=")[0]
    if name not in optimized:
        # V8 accepts `--nox` and `--no-x`. It lists the option as `--x`, and the value as `--no-x`.
        name = re.sub(r"^--no-?", "--", name)
        expected = re.sub(r"^--no-?", "--no-", expected)
    if name not in optimized:
        return unproven(f"`node --v8-options` does not list {name}, so its value cannot be read")
    if optimized[name] != expected:
        return refuted(
            f"`node --v8-options` shows {optimized[name]} in an empty environment, but {option} is requested"
        )
    before = stock.get(name)
    same = "stock shows the same, so nothing changes" if before == expected else f"stock shows {before}"
    return proven(f"`node --v8-options` shows {expected} in an empty environment; {same}")


def _v8_values(text: str) -> dict[str, str]:
    return dict(_V8_VALUE.findall(text))


def jemalloc_loaded(observation: Observation) -> Answer:
    """Decide whether jemalloc is loaded in a running process."""
    if not observation.settings.jemalloc:
        return not_applicable("nothing asks for jemalloc")
    mapped = _MAPPED.findall(observation.optimized.reports["maps"])
    loaded = sorted({path for path in mapped if _is_jemalloc(path)})
    if not loaded:
        return refuted("a running node has no jemalloc in /proc/self/maps, in an empty environment")
    if any(_is_jemalloc(path) for path in _MAPPED.findall(observation.stock.reports["maps"])):
        return unproven(
            f"a running node has {loaded[0]}, but stock has jemalloc, too, so this machine loads it"
        )
    return proven(f"a running node has {loaded[0]} in /proc/self/maps, in an empty environment")


def _is_jemalloc(path: str) -> bool:
    # Only the name of the file counts, because a store path may have any name.
    return path.rpartition("/")[2].startswith("libjemalloc")


def compile_cache(observation: Observation) -> Answer:
    """Decide whether a second start uses code that the first start compiled."""
    if not observation.settings.compile_cache:
        return not_applicable("nothing asks for a compile cache")
    optimized, stock = (side.reports["twice"] for side in (observation.optimized, observation.stock))
    second_start, _, unwrapped = optimized.partition(_BEHIND)
    hits = second_start.count(_CACHE_HIT)
    if not hits:
        return refuted("a second start of the same program finds no compiled code, in an empty environment")
    if stock.count(_CACHE_HIT):
        return refuted("stock uses a compile cache, too, so the overlay changes nothing")
    if not unwrapped.strip():
        return refuted("a second start reports cache hits, but node has no compile cache enabled")
    if not unwrapped.count(_CACHE_HIT):
        return unproven(
            "a second start reports cache hits, but the program behind the wrapper finds no compiled code in "
            "the cache of the first start"
        )
    return proven(
        f"a second start of a program takes the compiled code of {hits} modules from the cache; stock takes "
        "none"
    )


_CLI: Final = ("{out}/bin/node", "{workloads}/nodejs/cli.js", "{out}/lib/node_modules/npm")


def _node(name: str, expected: tuple[float, float]) -> Workload:
    return Workload(
        f"nodejs/{name}", ("{out}/bin/node", f"{{workloads}}/nodejs/{name}.js"), expected=expected
    )


_RPC: Final = (("NODE", "{out}/bin/node"), ("SERVER", "{workloads}/nodejs/rpc.js"))

NODEJS: Final = Runtime(
    registered=REGISTRY["nodejs"],
    binaries={_BINARY: ("bin/node",)},
    claims=(
        Claim(
            "compile-is-tuned",
            "the flags reach the derivation that compiles V8, not the one that adds npm to it",
            (EvidenceKind.DERIVATION, EvidenceKind.BUILD_LOG, EvidenceKind.SWITCHES),
            compile_is_tuned,
        ),
        replace(FLAGS_ARE_READ, own_code=True),
        replace(OPTIMIZATION_LEVEL, own_code=True),
        replace(TUNING_CLAIM, own_code=True),
        ENV_KEPT,
        SAME_SOURCE,
        replace(ISA_LEVEL, own_code=True),
        replace(ISA_RUNS_HERE, own_code=True),
        replace(lto_claim(_BINARY, "lto"), own_code=True),
        replace(pgo_claim(_BINARY, "pgo"), own_code=True),
        Claim(
            "v8-options",
            "a process that was started without arguments has the requested V8 options",
            (EvidenceKind.PROCESS,),
            v8_options,
        ),
        Claim("jemalloc-loaded", "a running process has jemalloc", (EvidenceKind.PROCESS,), jemalloc_loaded),
        Claim(
            "compile-cache",
            "a second start uses code that the first one compiled",
            (EvidenceKind.PROCESS,),
            compile_cache,
        ),
        self_report("version", "node --version", "version", r"^v24\."),
        self_report("host-arch", "node -p process.config.variables.host_arch", "host-arch", "^x64$"),
        # This shows the arguments of configure; it has no field for -march.
        self_report("config", "node -p process.config.variables", "config", "enable_lto"),
        REPORTS_PATH,
    ),
    workloads=(
        Workload("nodejs/start", ("{out}/bin/node", "-e", "console.log('Hello')")),
        # The workload does not start npm itself, because npm has its own compile cache on both sides.
        Workload("nodejs/cli-start", _CLI, expected=(0.02, 0.05)),
        _node("server", (0.05, 0.15)),
        _node("embeddings", (0.05, 0.15)),
        Workload(
            "nodejs/rpc",
            ("/bin/sh", "-c", 'exec "$NODE" "$SERVER" < requests'),
            env=_RPC,
            prepare=(("/bin/sh", "-c", 'exec "$NODE" "$SERVER" --requests > requests'),),
            expected=(0.05, 0.15),
        ),
        _node("build", (0.03, 0.08)),
        _node("files", (0.0, 0.02)),
    ),
    sources=("nodejs", "jemalloc"),
    compiled_in=r"nodejs-slim-\d",
    reports={
        "version": ("{out}/bin/node", "--version"),
        "host-arch": ("{out}/bin/node", "-p", "process.config.variables.host_arch"),
        "config": ("{out}/bin/node", "-p", _PRINT_CONFIG),
        "v8": ("{out}/bin/node", "--v8-options"),
        "maps": ("{out}/bin/node", "-e", _PRINT_MAPS),
        "twice": ("/bin/sh", "-c", _START_TWICE, "sh", "{out}/bin/node", "{node}"),
    },
)
