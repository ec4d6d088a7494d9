"""What surrounds the gate cannot answer in its place (`docs/gate.md`), whichever way it is asked."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt import runtimes
from pytest_rtopt.base import process
from tests.support.gate_cases import OPTIMIZED, Switch, adopted, allowed_switch, entry, measured
from tests.support.gate_doors import ROOT, Door, by_activation, by_checkout, by_wheel
from tests.support.gate_runs import GATE_OPTIONS, SECONDS, assert_refused, gate
from tests.support.module_home import Home

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.support.private_store import PrivateStore

ENDS: Final = "import os\nos._exit(0)\n"
SITE: Final = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
INI: Final = "addopts = --collect-only\npython_files = nothing.py\n"
SLOWER: Final = (0.9, 0.95)
PRETENDS: Final = "#!/bin/sh\nexit 0\n"


@dataclass(frozen=True)
class Way:
    """Files and variables in the surroundings, and a command of the shell before; `{here}` is the directory.

    `answered` says whether the gate gives its own answer all the same; otherwise it only refuses.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    before: str = "true"
    answered: bool = True

    def lay_out(self, here: Path) -> tuple[dict[str, str], str]:
        for name, text in self.files.items():
            (here / name).parent.mkdir(parents=True, exist_ok=True)
            (here / name).write_text(text)
            (here / name).chmod(0o755)
        environment = {name: value.replace("{here}", str(here)) for name, value in self.environment.items()}
        return environment, self.before.replace("{here}", str(here))


WAYS: Final = {
    "sitecustomize": Way({"path/sitecustomize.py": ENDS}, {"PYTHONPATH": "{here}/path"}),
    "pytest-py": Way({"path/pytest.py": ENDS}, {"PYTHONPATH": "{here}/path"}),
    "standard-library": Way(
        {"path/argparse.py": ENDS, "path/json.py": ENDS, "path/encodings/__init__.py": ENDS},
        {"PYTHONPATH": "{here}/path"},
    ),
    "working-directory": Way({"pytest.py": ENDS, "argparse.py": ENDS, "_pytest/__init__.py": ENDS}),
    "user-site": Way(
        {
            f".local/{SITE}/usercustomize.py": ENDS,
            f".local/{SITE}/ends.pth": "import os; os._exit(0)\n",
            f"base/{SITE}/ends.pth": "import os; os._exit(0)\n",
        },
        {"HOME": "{here}", "PYTHONUSERBASE": "{here}/base"},
    ),
    "entry-point": Way(
        {
            "path/ends-1.dist-info/entry_points.txt": "[pytest11]\nends = ends\n",
            "path/ends-1.dist-info/METADATA": "Name: ends\nVersion: 1\n",
            "path/ends.py": ENDS,
        },
        {"PYTHONPATH": "{here}/path"},
    ),
    "python-variables": Way(
        {"start.py": ENDS},
        {
            "PYTHONHOME": "{here}",
            "PYTHONSTARTUP": "{here}/start.py",
            "PYTHONINSPECT": "1",
            "PYTHONOPTIMIZE": "2",
            "PYTHONPLATLIBDIR": "nowhere",
            "PYTHONPYCACHEPREFIX": "{here}/cache",
            "PYTHONWARNINGS": "error",
            "PYTHONBREAKPOINT": "start",
        },
    ),
    "pytest-variables": Way(
        {"path/ends.py": ENDS},
        {
            "PYTHONPATH": "{here}/path",
            "PYTEST_PLUGINS": "ends",
            "PYTEST_ADDOPTS": "--collect-only -p ends",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "",
            "PYTEST_THEME": "nothing",
            "PYTEST_XDIST_WORKER": "gw0",
            "CI": "true",
        },
    ),
    "ini-files": Way(
        {
            "pytest.ini": f"[pytest]\n{INI}",
            ".pytest.ini": f"[pytest]\n{INI}",
            "tox.ini": f"[pytest]\n{INI}",
            "setup.cfg": f"[tool:pytest]\n{INI}",
            "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--collect-only"\n',
            "../pytest.ini": f"[pytest]\n{INI}",
        }
    ),
    "conftest": Way({"conftest.py": ENDS, "../conftest.py": ENDS, "suites/conftest.py": ENDS}),
    "our-variables": Way(
        {},
        {
            "RTOPT_LEDGER": "good.lock.json",
            "RTOPT_RUNTIME": "go",
            "RTOPT_MANIFEST": "{here}/nothing.json",
            "RTOPT_PROFILE": "laptop-generic",
            "RTOPT_PACKAGES": "embedded",
            "RTOPT_OVERLAYS": "{here}/nothing.nix",
        },
    ),
    "programs-on-path": Way(
        {
            f"bin/{name}": PRETENDS
            for name in ("nix", "nix-instantiate", "python3", "python", "readlink", "pytest")
        },
        {"PATH": "{here}/bin:/usr/bin:/bin"},
        answered=False,
    ),
    "empty-path": Way({}, {"PATH": "/nowhere"}, answered=False),
    "home": Way({}, {"HOME": "/dev/null", "XDG_CACHE_HOME": "/proc", "XDG_CONFIG_HOME": "/dev/full"}),
    "temporary-directory": Way({}, {"TMPDIR": "/nowhere", "TEMP": "/dev/null", "TMP": "/proc"}),
    "git-hook": Way({}, {"GIT_DIR": "{here}/.git", "GIT_INDEX_FILE": "/dev/null", "GIT_WORK_TREE": "/proc"}),
    "nix-variables": Way(
        {},
        {
            "NIX_PATH": "nixpkgs={here}",
            "NIX_CONFIG": "experimental-features = nothing",
            "NIX_PYTHONPATH": "{here}",
            "NIX_PYTHONPREFIX": "{here}",
        },
    ),
    "locale": Way(
        {}, {"LC_ALL": "xx_XX.ISO-8859-15", "LANG": "C", "LANGUAGE": "xx", "PYTHONIOENCODING": "ascii"}
    ),
    "terminal": Way(
        {}, {"COLUMNS": "1", "LINES": "0", "TERM": "nothing", "NO_COLOR": "1", "FORCE_COLOR": "1"}
    ),
    "columns-no-number": Way({}, {"COLUMNS": "-5x"}),
    "closed-output": Way(before="exec >&-", answered=False),
    "closed-error": Way(before="exec 2>&-", answered=False),
    "closed-input": Way(before="exec <&-"),
    "full-output": Way(before="exec >/dev/full 2>/dev/full", answered=False),
    "few-files": Way(before="ulimit -n 6", answered=False),
    "no-file-size": Way(before="ulimit -f 0", answered=False),
    "little-memory": Way(before="ulimit -v 60000", answered=False),
    "little-time": Way(before="ulimit -t 1", answered=False),
    "shell-functions": Way(
        {},
        {
            f"BASH_FUNC_{name}%%": "() { builtin true; }"
            for name in ("exit", "exec", "test", "env", "python3", ":")
        },
        answered=False,
    ),
    "shell-start": Way(
        {"start.sh": "exit() { :; }\nexec() { :; }\nenv() { :; }\n"},
        {"BASH_ENV": "{here}/start.sh", "ENV": "{here}/start.sh"},
        answered=False,
    ),
    "dry-run": Way({}, {"DRY_RUN": "1", "RTOPT_GATE": ""}),
    "shadowed-names": Way(
        {}, {"rtoptAllowed": "yes", "rtoptNonce": "x", "interpreter": "/bin/true", "proof": "x"}
    ),
    "loader": Way(
        before="echo 'static void __attribute__((constructor)) end(void) { char n[16] = {0}; "
        'FILE *f = fopen("/proc/self/comm", "r"); fgets(n, 16, f); if (n[0] == 112) _exit(0); }\' '
        "| gcc -include stdio.h -include unistd.h -shared -fPIC -w -o {here}/ends.so -x c -; true",
        environment={"LD_PRELOAD": "{here}/ends.so"},
    ),
}


@pytest.fixture(scope="module", params=["checkout", "wheel", "activation"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Door:
    """Each way to ask the gate about a Lua that was judged as slower."""
    if request.param == "checkout":
        return by_checkout()
    directory = tmp_path_factory.mktemp("door")
    if request.param == "wheel":
        return by_wheel(directory)
    home = Home(directory, request.getfixturevalue("private_store").nix)
    home.remember(adopted())
    check = home.evaluate()["check"]
    home.remember(measured(adopted(), SLOWER))
    return by_activation(check, directory)


@pytest.fixture
def rejected(tmp_path: Path) -> Switch:
    """Lay a ledger beside a good one that refuses to switch."""
    (tmp_path / "home").mkdir()
    switch = allowed_switch(tmp_path / "home")
    (switch.directory / "good.lock.json").write_bytes(switch.ledger.read_bytes())
    switch.remember(entry(measured(adopted(), SLOWER)))
    return switch


@pytest.mark.parametrize("name", WAYS)
def test_no_surroundings_answer_for_the_gate(door: Door, rejected: Switch, name: str) -> None:
    way = WAYS[name]
    environment, before = way.lay_out(rejected.directory)
    outcome = door.ask(rejected.directory, environment, before)
    assert outcome.status != 0, outcome.output
    if way.answered:
        assert "lua: reject." in outcome.output, outcome.output


@pytest.mark.detection
def test_a_wheel_passes_what_is_good(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    switch = allowed_switch(tmp_path / "home")
    outcome = by_wheel(tmp_path).ask(switch.directory, {})
    assert outcome.status == 0, outcome.output
    assert "allowed  adopted" in outcome.output


def test_a_status_without_a_proof_is_a_refusal(rejected: Switch) -> None:
    """As if the Python of the installation itself ended well before it asked the gate."""
    place = rejected.directory / "bin"
    place.mkdir()
    (place / "rtopt-gate").write_bytes((ROOT / "bin" / "rtopt-gate").read_bytes())
    (place / "python3").write_text('#!/bin/sh\necho "rtopt-gate/1 allowed 0123456789abcdef ledger= lua="\n')
    for program in place.iterdir():
        program.chmod(0o755)
    outcome = Door((str(place / "rtopt-gate"), *GATE_OPTIONS)).ask(rejected.directory, {})
    assert outcome.status == 1
    assert "ended with status 0 and without a proof that the gate was asked" in outcome.output


def test_a_start_that_is_not_isolated_becomes_one(rejected: Switch) -> None:
    (rejected.directory / "pytest.py").write_text(ENDS)
    outcome = Door((sys.executable, "-m", "pytest_rtopt.gate_command", *GATE_OPTIONS)).ask(
        rejected.directory, {"PYTHONPATH": str(rejected.directory)}
    )
    assert_refused(outcome, "lua: reject.")


def test_the_proof_names_what_was_judged(tmp_path: Path) -> None:
    switch = allowed_switch(tmp_path)
    nonce = "0e1f9b9e-2f0d-4b43-9dd7-d92a1c8e7a10"
    command = (f"{sys.prefix}/bin/rtopt-gate", *GATE_OPTIONS, f"--nonce={nonce}")
    passed = process.check(command, timeout=SECONDS, surroundings=process.Surroundings(cwd=tmp_path))
    digest = hashlib.sha256(switch.ledger.read_bytes()).hexdigest()
    assert passed.text == f"rtopt-gate/1 allowed {nonce} ledger=sha256:{digest} lua={OPTIMIZED.out}\n"
    assert "allowed  adopted" in passed.error_text
    switch.remember()
    refused = process.run(command, timeout=SECONDS, surroundings=process.Surroundings(cwd=tmp_path))
    assert (refused.returncode, refused.text) == (1, "")
    word = process.Surroundings(env={**os.environ, "RTOPT_GATE": "skip"}, cwd=tmp_path)
    assert (
        process.check(command, timeout=SECONDS, surroundings=word).text == f"rtopt-gate/1 bypassed {nonce}\n"
    )


@pytest.mark.parametrize("nonce", ["", "short", "0123456789abcdef lua=/nix/store/x", "0123456789abcdef\n"])
def test_a_number_that_can_be_guessed_or_misread_is_refused(rejected: Switch, nonce: str) -> None:
    outcome = gate(rejected, *GATE_OPTIONS, f"--nonce={nonce}")
    assert outcome.status == pytest.ExitCode.USAGE_ERROR
    assert "has not 16 to 128 letters, digits and hyphens" in outcome.output


def test_variables_do_not_narrow_the_question(tmp_path: Path) -> None:
    """Lua is good and Go is not: whoever asks about all of them does not pass because of RTOPT_RUNTIME."""
    switch = allowed_switch(tmp_path)
    content = json.loads(switch.manifest.read_text())
    block = content["runtimes"]["lua"]
    content["runtimes"] = dict.fromkeys(runtimes.NAMES, block)
    switch.manifest.write_text(json.dumps(content))
    outcome = gate(switch, GATE_OPTIONS[1], RTOPT_RUNTIME="lua")
    assert_refused(outcome, "go is pending: the ledger has no entry for it")
    assert "RTOPT_RUNTIME in the environment: ignored" in outcome.output


@pytest.mark.detection
def test_variables_choose_neither_profile_nor_packages(tmp_path: Path, private_store: PrivateStore) -> None:
    """A profile that asks for nothing would leave everything to stock, which passes."""
    switch = allowed_switch(tmp_path)
    switch.remember()
    (tmp_path / "empty.nix").write_text("{ }")
    asked = ("--rtopt-runtime=lua", "--rtopt-packages=embedded")
    environment = dict(private_store.environment)
    outcome = gate(switch, *asked, **environment, RTOPT_PROFILE="empty.nix", RTOPT_PACKAGES="./empty.nix")
    assert_refused(outcome, "lua is pending: the ledger has no entry for it")
    assert "RTOPT_PACKAGES, RTOPT_PROFILE in the environment: ignored" in outcome.output


def test_nix_path_chooses_packages_only_where_they_are_named(rejected: Switch) -> None:
    told = "NIX_PATH in the environment: ignored"
    assert told in gate(rejected, *GATE_OPTIONS, NIX_PATH="nixpkgs=/nowhere").output
    named = gate(rejected, *GATE_OPTIONS, "--rtopt-packages=<nixpkgs>", NIX_PATH="nixpkgs=/nowhere")
    assert told not in named.output
    assert_refused(named, "lua: reject.")


def test_a_directory_that_is_gone_is_no_answer(tmp_path: Path) -> None:
    outcome = by_checkout().ask(tmp_path, {}, "mkdir gone; cd gone; rmdir ../gone")
    assert_refused(outcome, "the current directory is gone")


@pytest.mark.parametrize("target", ["nothing", "rtopt.lock.json"])
def test_a_ledger_that_links_nowhere_or_to_itself_is_no_ledger(rejected: Switch, target: str) -> None:
    rejected.ledger.unlink()
    rejected.ledger.symlink_to(target)
    assert_refused(gate(rejected), "ledger at" if target == "nothing" else "cannot be read")


def test_a_link_to_a_ledger_is_read_as_that_ledger(rejected: Switch) -> None:
    """The proof has the digest of what was read, wherever it lies."""
    rejected.ledger.rename(rejected.directory / "other.json")
    rejected.ledger.symlink_to("other.json")
    assert_refused(gate(rejected), "lua: reject.")


def test_each_way_is_a_row_of_the_documentation() -> None:
    text = (ROOT / "docs" / "gate.md").read_text()
    table = text[text.index("### The surroundings") : text.index("### What the gate does not withstand")]
    named = set(re.findall(r"`([a-z-]+)`(?=[,| ])", table.replace("rtopt-gate", "")))
    assert WAYS.keys() <= named
