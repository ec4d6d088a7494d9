"""The set-up scripts, on machines made of stubs and in a copy of the checkout."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base import process

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent.parent
BASIC = (
    "bash",
    "cat",
    "cp",
    "cut",
    "dirname",
    "env",
    "flock",
    "grep",
    "mkdir",
    "rm",
    "sha256sum",
    "sort",
    "tail",
    "tr",
)
COMPILERS = ("gcc", "g++", "ld", "make", "patch", "tar", "bzip2", "unzip", "xz")
RUST = ("rustc", "cargo")

# As much of Python as bin/setup needs: it makes an environment in which it is python itself.
PYTHON = """
case "$*" in
  *"-m venv"*) rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  *base_prefix*) echo "3.11.2 (main) /usr" ;;
esac
"""
# Installing a package puts its program on PATH.
APT_GET = """
here=${0%/*}
for package; do
  case $package in
    nix-bin) cp "$0" "$here/nix" ;;
    binutils) cp "$0" "$here/ld" ;;
    xz-utils) cp "$0" "$here/xz" ;;
    bzip2 | gcc | g++ | make | patch | tar | unzip) cp "$0" "$here/$package" ;;
    cargo*) cp "$0" "$here/cargo" && cp "$0" "$here/rustc" ;;
    openssh-server) cp "$0" "$here/sshd" ;;
    chromium) cp "$0" "$here/chromium" ;;
  esac
done
"""


class Machine:
    """A checkout, and a PATH with nothing but what a test puts there; stubs note how they were called."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / "path"
        self.checkout = directory / "checkout"
        self.path.mkdir()
        (self.checkout / "bin").mkdir(parents=True)
        for script in ("setup", "setup-nix-tools", "setup-workflow-tools"):
            shutil.copy2(ROOT / "bin" / script, self.checkout / "bin")
        for file in ("requirements.lock", "pyproject.toml", "bin/rtopt-gate"):
            (self.checkout / file).write_text("first\n")
        for program in BASIC:
            found = shutil.which(program)
            assert found is not None
            (self.path / program).symlink_to(found)
        self.has("id", "echo 0")
        self.has("python3", PYTHON)

    def has(self, program: str, body: str = "") -> None:
        """Put a stub with these lines of shell on PATH."""
        file = self.path / program
        note = f'echo "${{0##*/}} $*" >>"{self.directory}/calls"'
        file.write_text(f"#!{self.path}/bash\n{note}\n{body}\n")
        file.chmod(0o755)

    def has_all(self, programs: Sequence[str]) -> None:
        """Put stubs that do nothing on PATH."""
        for program in programs:
            self.has(program)

    def run(
        self,
        script: str = "setup",
        arguments: Sequence[str] = (),
        system: Path | None = None,
        toolchain: str = "host",
    ) -> tuple[int, list[str]]:
        """Run a script of bin/ (`system` has the system's programs); return its status and what it said."""
        environment = {
            "PATH": str(self.path),
            "SETUP_SYSTEM_PROGRAMS": str(system or self.path),
            "RTOPT_TOOLCHAIN": toolchain,
        }
        surroundings = process.Surroundings(env=environment, cwd=self.directory)
        argv = [str(self.checkout / "bin" / script), *arguments]
        completed = process.run(argv, timeout=60, surroundings=surroundings)
        assert not completed.stdout
        return completed.returncode, completed.error_text.splitlines()

    def calls(self, *programs: str) -> list[str]:
        """Return the calls of these programs since the last time, in order."""
        file = self.directory / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [line for line in lines if line.split()[0] in programs]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def complete(machine: Machine) -> Machine:
    machine.has_all(("nix", *COMPILERS, *RUST))
    return machine


def test_without_apt_one_line_says_what_is_missing(machine: Machine) -> None:
    machine.has_all([name for name in (*COMPILERS, *RUST) if name != "g++"])
    status, lines = machine.run()
    assert status == 1
    assert len(lines) == 1
    assert lines[0].startswith("setup: missing: g++, nix; there is no apt-get to install it with")


@pytest.mark.parametrize("toolchain", ["", "debian-13"])
def test_a_toolchain_brings_its_compilers(machine: Machine, toolchain: str) -> None:
    """The project's own tests compile outside of Nix."""
    machine.has("nix")
    assert machine.run(arguments=("lua", "python", "rust"), toolchain=toolchain)[0] == 0
    assert "missing: bzip2, gcc, " in machine.run(arguments=("lua",), toolchain="host")[1][0]
    assert "missing: bzip2, gcc, " in machine.run(arguments=("all", "tests"), toolchain=toolchain)[1][0]


def test_without_root_one_line_says_what_is_missing(machine: Machine) -> None:
    machine.has_all(("apt-get", "dpkg", *COMPILERS[1:], *RUST))
    machine.has("id", "echo 1000")
    status, (line,) = machine.run()
    assert status == 1
    assert "missing: gcc, bzlib.h, " in line
    assert ", nix; only root can install it (apt-get install gcc libc6-dev libbz2-dev " in line
    assert " nix-bin): run again as root or after that." in line
    assert not machine.calls("apt-get", "dpkg")


def test_a_machine_with_nix_keeps_its_packages(complete: Machine) -> None:
    complete.has_all(("apt-get", "dpkg"))
    (complete.path / "ld").unlink()
    status, (line,) = complete.run()
    assert status == 1
    assert "missing: ld; install what is named (Debian: apt-get install binutils)" in line
    assert not complete.calls("apt-get", "dpkg")


@pytest.mark.parametrize(
    ("runtimes", "missing"),
    [
        (["lua"], ""),
        (
            ["lua", "rust"],
            "rustc and cargo for all users; install what is named (Debian: apt-get install cargo)",
        ),
        (["all"], "rustc and cargo for all users; "),
    ],
)
def test_rust_is_asked_of_a_machine_with_nix_only_where_it_is_judged(
    complete: Machine, runtimes: list[str], missing: str
) -> None:
    (complete.path / "rustc").unlink()
    status, lines = complete.run(arguments=runtimes)
    assert status == (1 if missing else 0)
    assert missing in "".join(lines)


def test_a_rust_on_path_is_not_one_that_builds_see(complete: Machine) -> None:
    """Bug: rustup's programs outside of HOME were taken for the system's, and `make gate` had no Rust."""
    status, lines = complete.run(arguments=["rust"], system=complete.directory)
    assert status == 1
    assert "rustc and cargo for all users" in "".join(lines)


def test_headers_are_asked_for_python(complete: Machine) -> None:
    complete.has("gcc", 'case "$(cat)" in *ffi.h*) exit 1 ;; esac')
    status, (line,) = complete.run(arguments=["python"])
    assert status == 1
    assert "missing: ffi.h; install what is named (Debian: apt-get install libffi-dev)" in line
    assert complete.run(arguments=["lua"])[0] == 0


def test_missing_headers_and_venv_are_noticed(complete: Machine) -> None:
    complete.has("gcc", "exit 1")
    complete.has("python3", 'case "$*" in *ensurepip*) exit 1 ;; esac')
    status, (line,) = complete.run()
    assert status == 1
    assert "missing: C headers, Python's venv; " in line
    assert "apt-get install libc6-dev python3-venv" in line


@pytest.mark.parametrize(("has_rust_for_browsers", "rust"), [("true", "cargo-web"), ("false", "cargo")])
def test_a_fresh_debian_gets_what_is_missing(machine: Machine, has_rust_for_browsers: str, rust: str) -> None:
    machine.has("apt-get", APT_GET)
    machine.has_all(("dpkg", *COMPILERS[1:]))
    machine.has("apt-cache", f"[ $2 = cargo-web ] && {has_rust_for_browsers}")
    status, lines = machine.run()
    assert status == 0, lines
    install = "apt-get -o DPkg::Lock::Timeout=600 install --yes --no-install-recommends"
    assert machine.calls("apt-get", "dpkg") == [
        "dpkg --configure -a",
        "apt-get update",
        (
            f"{install} gcc libc6-dev {rust} libbz2-dev libffi-dev liblzma-dev libncurses-dev libssl-dev "
            "libreadline-dev libsqlite3-dev uuid-dev zlib1g-dev nix-bin"
        ),
    ]


def test_only_the_tests_get_an_ssh_server_and_a_browser(machine: Machine) -> None:
    machine.has("apt-get", APT_GET)
    machine.has_all(("dpkg", *COMPILERS, *RUST))
    machine.has("apt-cache", "false")
    status, lines = machine.run(arguments=["lua", "tests"])
    assert status == 0, lines
    assert any("openssh-server openssh-client chromium" in call for call in machine.calls("apt-get"))
    (machine.path / "sshd").unlink()
    (machine.path / "chromium").unlink()
    assert machine.run(arguments=["lua"]) == (0, [])
    status, lines = machine.run(arguments=["lua", "tests"])
    assert (
        "missing: sshd, chromium; install what is named (Debian: apt-get install openssh-server "
        in "".join(lines)
    )


@pytest.mark.parametrize("state", ["installed", "half-configured"])
def test_after_the_gate_the_tests_get_what_they_need(complete: Machine, state: str) -> None:
    """Bug: `make test` after `make gate` on a fresh machine refused, for Nix was there and sshd was not."""
    complete.has("apt-get", APT_GET)
    complete.has_all(("dpkg", "apt-cache"))
    complete.has("dpkg-query", f"printf {state}")
    status, lines = complete.run(arguments=["all", "tests"])
    assert status == 0, lines
    assert complete.calls("apt-get")[-1].endswith(" openssh-server openssh-client chromium")
    complete.has("id", "echo 1000")
    (complete.path / "sshd").unlink()
    status, (line,) = complete.run(arguments=["all", "tests"])
    assert "missing: sshd; only root can install it (apt-get install openssh-server openssh-client)" in line


def test_a_nix_that_debian_removed_is_somebody_elses(complete: Machine) -> None:
    complete.has_all(("apt-get", "dpkg"))
    complete.has("dpkg-query", "printf config-files")
    status, (line,) = complete.run(arguments=["all", "tests"])
    assert status == 1
    assert "missing: sshd, chromium; install what is named" in line
    assert not complete.calls("apt-get", "dpkg")


def test_an_installation_that_fails_shows_what_apt_said(machine: Machine) -> None:
    machine.has_all(("dpkg", *COMPILERS, *RUST))
    machine.has("apt-get", 'case "$*" in *nix-bin) echo "E: no such package" >&2; exit 100 ;; esac')
    status, lines = machine.run()
    assert status == 1
    assert lines[-2:] == [
        "E: no such package",
        "setup: installing nix-bin: failed; the whole output is in .cache/setup.log.",
    ]


def test_an_old_python_is_one_line(complete: Machine) -> None:
    complete.has("python3", 'case "$*" in *version_info*) exit 1 ;; -V) echo "Python 3.9.2" ;; esac')
    status, (line,) = complete.run()
    assert status == 1
    assert "python3 on PATH is Python 3.9.2; Python 3.11 or newer is needed" in line


def test_what_is_installed_is_locked_and_built_without_the_network(complete: Machine) -> None:
    assert complete.run()[0] == 0
    pip = [call for call in complete.calls("python") if "-m pip install" in call]
    assert len(pip) == 2
    assert "--require-hashes" in pip[0]
    assert "--requirement requirements.lock" in pip[0]
    assert "--no-deps --no-build-isolation --editable ." in pip[1]


def test_the_second_run_does_nothing(complete: Machine) -> None:
    complete.run()
    complete.calls()
    assert complete.run() == (0, [])
    assert not any("-m venv" in call or "-m pip" in call for call in complete.calls("python", "python3"))


@pytest.mark.parametrize("file", ["requirements.lock", "pyproject.toml", "bin/rtopt-gate"])
def test_a_changed_requirement_makes_the_environment_anew(complete: Machine, file: str) -> None:
    complete.run()
    (complete.checkout / ".venv" / "left over").touch()
    (complete.checkout / file).write_text("second\n")
    assert complete.run()[0] == 0
    assert not (complete.checkout / ".venv" / "left over").exists()
    assert complete.run() == (0, [])


def test_an_interrupted_set_up_is_redone(complete: Machine) -> None:
    complete.has("python3", PYTHON.replace("esac", '  *--editable*) kill -9 "$PPID" ;;\nesac'))
    assert complete.run()[0] == -9
    complete.has("python3", PYTHON)
    complete.calls()
    status, lines = complete.run()
    assert (status, lines[0]) == (0, "setup: making .venv")
    assert complete.run() == (0, [])


def test_a_missing_cargo_is_one_line(machine: Machine) -> None:
    status, (line,) = machine.run("setup-nix-tools")
    assert status == 1
    assert "missing: cargo 1.87 or newer" in line


@pytest.mark.parametrize(("version", "accepted"), [("1.63.0", False), ("1.87.0", True), ("1.100.1", True)])
def test_an_old_cargo_is_one_line(machine: Machine, version: str, accepted: bool) -> None:  # noqa: FBT001  # a case
    body = (
        f'if [ "$1" = --version ]; then echo "cargo {version} (0123456789 2025-06-23)"; else mkdir .tools; fi'
    )
    machine.has("cargo", body)
    status, lines = machine.run("setup-nix-tools")
    if accepted:
        assert (status, lines) == (0, [])
        assert any("nixfmt_rs@0.5.3 deadnix@1.3.1" in call for call in machine.calls("cargo"))
        assert machine.run("setup-nix-tools") == (0, [])
        assert not machine.calls("cargo")
    else:
        assert status == 1
        assert len(lines) == 1
        assert lines[0].startswith(f"setup: cargo is {version}; 1.87 or newer builds the checks")


def test_a_missing_go_is_one_line(machine: Machine) -> None:
    status, (line,) = machine.run("setup-workflow-tools")
    assert status == 1
    assert "missing: go, which builds the check of workflow files" in line


def test_the_check_of_workflows_is_built_once(machine: Machine) -> None:
    machine.has("go", 'touch "$GOBIN/actionlint"; chmod +x "$GOBIN/actionlint"')
    machine.has("touch", 'exec /usr/bin/touch "$@"')
    machine.has("chmod", 'exec /bin/chmod "$@"')
    assert machine.run("setup-workflow-tools") == (0, [])
    assert any("actionlint@v1.7.7" in call for call in machine.calls("go"))
    assert machine.run("setup-workflow-tools") == (0, [])
    assert not machine.calls("go")


def test_a_failing_go_says_why(machine: Machine) -> None:
    machine.has("go", "echo no network >&2; exit 1")
    status, lines = machine.run("setup-workflow-tools")
    assert status == 1
    assert lines[0] == "no network"
    assert "go install github.com/rhysd/actionlint" in lines[1]
