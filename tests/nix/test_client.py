"""The Nix on PATH and what it answers, or the one sentence where it cannot."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from packaging.version import Version

from pytest_rtopt.base.errors import NixError, ProcessError
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.client import Nix, find_nix
from pytest_rtopt.nix.explain import disk_is_full, explain_store_error
from tests.support.private_store import private_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_store import PrivateStore

PLACES: Final = ("/nix/store", "/nix/var/nix")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become another user")


def printing(directory: Path, text: str, status: int = 0) -> str:
    """Put a `nix-instantiate` into `directory` that prints `text`, and return the directory as a PATH."""
    script = directory / "nix-instantiate"
    script.write_text(f"#!/bin/sh\necho '{text}'\nexit {status}\n")
    script.chmod(0o755)
    return str(directory)


def test_no_nix(tmp_path: Path) -> None:
    with pytest.raises(NixError, match="Nix was not found on PATH: install it"):
        find_nix(str(tmp_path))


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("nix-instantiate (Nix) 2.8.0", "2.8.0"),
        ("nix-instantiate (Nix) 2.34.8", "2.34.8"),
        ("nix-instantiate (Nix) 2.29.0pre20250407_73d3159b", "2.29.0"),
        ("nix-instantiate (Lix, like Nix) 2.93.3", "2.93.3"),
        ("nix-instantiate (Determinate Nix 3.8.5) 2.30.2", "2.30.2"),
    ],
)
def test_versions(tmp_path: Path, printed: str, version: str) -> None:
    found = find_nix(printing(tmp_path, printed))
    assert found.version == Version(version)
    assert found.directory == tmp_path


@pytest.mark.parametrize("printed", ["nix-instantiate (Nix) 2.3.16", "nix-instantiate (Nix) 2.7.0"])
def test_too_old(tmp_path: Path, printed: str) -> None:
    with pytest.raises(NixError, match=r"is too old; 2\.8 or later is needed"):
        find_nix(printing(tmp_path, printed))


@pytest.mark.parametrize("printed", ["", "nix", "nix (Nix) two"])
def test_a_version_that_is_none(tmp_path: Path, printed: str) -> None:
    with pytest.raises(NixError, match="is not recognized"):
        find_nix(printing(tmp_path, printed))


def test_a_nix_that_does_not_run(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match="ended with status 127"):
        find_nix(printing(tmp_path, "error while loading shared libraries", 127))


def test_settings_come_after_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIX_CONFIG", "max-jobs = 4")
    nix = Nix(Path("/bin"), Version("2.8"), ("sandbox = true",)).with_settings("max-jobs = 1")
    env = nix.surroundings.env
    assert env is not None
    assert env["NIX_CONFIG"].splitlines() == ["max-jobs = 4", "sandbox = true", "max-jobs = 1"]


def test_evaluation_to_json(private_store: PrivateStore, tmp_path: Path) -> None:
    expression = tmp_path / "a.nix"
    expression.write_text('{ name }: { inherit name; list = [ 1 2.5 null true ]; set.a = "é\\n"; }')
    value = private_store.nix.evaluate(expression, {"name": "x $y 'z'"})
    assert value == {"name": "x $y 'z'", "list": [1, 2.5, None, True], "set": {"a": "é\n"}}


def test_a_file_in_the_store(private_store: PrivateStore, tmp_path: Path) -> None:
    nix = private_store.nix
    file = tmp_path / "source.txt"
    file.write_bytes(b"pinned\n")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    expected = nix.fixed_path("source.txt", sha256)
    assert nix.add_fixed(file) == expected
    assert nix.missing([expected]) == ()
    assert nix.size(expected) > 7
    assert Path(expected).read_bytes() == b"pinned\n"
    absent = nix.fixed_path("source.txt", "0" * 64)
    assert absent.startswith(f"{nix.store_dir}/")
    assert nix.missing([absent, expected]) == (absent,)
    assert nix.log(absent) is None


def test_the_log_of_what_was_built_elsewhere_comes_from_where_it_was_built(
    private_store: PrivateStore, tmp_path: Path
) -> None:
    """Stock comes from a cache as a rule, and the local store has no log of it."""
    file = tmp_path / "elsewhere.nix"
    file.write_text('derivation { name = "elsewhere"; system = "x86_64-linux"; builder = "/bin/sh"; }')
    drv = private_store.nix.instantiate(file, {})
    (tmp_path / "log").mkdir()
    (tmp_path / "nix-cache-info").write_text(f"StoreDir: {private_store.nix.store_dir}\n")
    (tmp_path / "log" / Path(drv).name).write_text("gcc -O3 -c a.c\n")
    assert private_store.nix.log(drv) is None
    nix = private_store.nix.with_settings(f"substituters = file://{tmp_path}")
    assert nix.log(drv) == "gcc -O3 -c a.c\n"


def test_the_store_is_the_one_of_the_environment(private_store: PrivateStore) -> None:
    assert private_store.nix.store_dir == private_store.environment["NIX_STORE_DIR"]
    assert private_store.nix.store_dir != "/nix/store"


# What 2.8, 2.26 and 2.34 say to a user who owns nothing, without a daemon; and other ways to be shut out.
NOT_WRITABLE: Final = (
    "error: could not set permissions on '/nix/var/nix/profiles/per-user' to 755: Operation not permitted",
    "error: opening lock file '/nix/var/nix/db/big-lock': Permission denied",
    """error:
       … This command may have been run as non-root in a single-user Nix installation,
       or the Nix daemon may have crashed.

       error: opening lock file "/nix/var/nix/db/big-lock": Permission denied""",
    "error: creating directory '/nix': Read-only file system",
    "error: cannot connect to socket at '/nix/var/nix/daemon-socket/socket': Connection refused",
    "error: executing SQLite statement 'x': attempt to write a readonly database",
)


@pytest.mark.parametrize("said", NOT_WRITABLE)
def test_a_store_that_cannot_be_written(said: str) -> None:
    explained = explain_store_error(said, PLACES)
    assert explained is not None
    first, second = explained.splitlines()
    assert first.startswith("Nix cannot write its store (/nix/store): run as the store's owner")
    assert second == said.rsplit("error: ", 1)[1]


@pytest.mark.parametrize(
    "said",
    [
        "error: getting status of '/home/user/overlay.nix': Permission denied",
        "error: opening file '/home/user/overlay.nix': Permission denied",
        "error: undefined variable 'lib'",
    ],
)
def test_other_errors_are_not_about_the_store(said: str) -> None:
    assert explain_store_error(said, PLACES) is None


@pytest.mark.parametrize(
    "said",
    [
        "error: writing to file: No space left on device",
        "error: setting journal mode: database or disk is full, database or disk is full (in '/nix/db')",
    ],
)
def test_a_full_disk(said: str) -> None:
    assert disk_is_full(said)
    explained = explain_store_error(said, PLACES)
    assert explained is not None
    assert explained.startswith("The disk is full: free some space")


def test_a_throw_has_the_place_of_the_attribute(private_store: PrivateStore, tmp_path: Path) -> None:
    """Without --show-trace, Nix 2.8 says of a throw only its text."""
    expression = tmp_path / "a file.nix"
    expression.write_text('{\n  a = throw "no march";\n}.a\n')
    with pytest.raises(NixError) as caught:
        private_store.nix.evaluate(expression, {})
    assert str(caught.value) == f"no march (at {expression}:2)"


def test_a_failure_without_words(tmp_path: Path) -> None:
    nix = find_nix(printing(tmp_path, "nix (Nix) 2.8.0"))
    printing(tmp_path, "nothing on standard error", 3)
    with pytest.raises(NixError, match="`nix-instantiate --eval` ended with status 3 and no message"):
        nix.evaluate(tmp_path / "a.nix", {})


@pytest.fixture
def public(private_store: PrivateStore) -> Iterator[tuple[Path, Nix]]:
    """Return a directory that anyone can read, with commands in it that run Nix as `nobody`."""
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory(prefix="rtopt-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        (directory / "a.nix").write_text(
            'derivation { name = "a"; system = "x86_64-linux"; builder = "/bin/bash"; '
            'args = [ "-c" "echo built >$out" ]; }'
        )
        for command in ("nix-instantiate", "nix-store", "nix"):
            script = directory / command
            script.write_text(
                "#!/bin/sh\nexec setpriv --reuid=nobody --regid=nogroup --clear-groups "
                f'{private_store.nix.directory / command} "$@"\n'
            )
            script.chmod(0o755)
        store = directory / "nobodys"
        environment = {**private_environment(store), "HOME": str(store)}
        (store / "records" / "roots").mkdir(parents=True)
        (store / "etc" / "nix.conf").write_text("substituters =\nsandbox = false\n")
        for path in (store, *store.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        yield directory, replace(private_store.nix, directory=directory, environment=environment)


@needs_root
def test_another_user_without_a_daemon_builds_in_a_store_of_its_own(public: tuple[Path, Nix]) -> None:
    directory, nix = public
    drv = nix.instantiate(directory / "a.nix", {})
    assert drv.startswith(f"{directory}/nobodys/store/")
    out = nix.derivations([drv])[drv].outputs["out"]
    Builder(nix, directory / "nobodys" / "records").build(drv)
    assert Path(out).read_text() == "built\n"
    assert Path(out).owner() == "nobody"


@needs_root
def test_another_user_cannot_write_the_store(public: tuple[Path, Nix], private_store: PrivateStore) -> None:
    directory, nix = public
    shutil.rmtree(directory / "nobodys")
    denied = replace(
        nix,
        environment={
            **private_store.environment,
            **{
                name: str(directory / "roots" / name)
                for name in ("NIX_STORE_DIR", "NIX_STATE_DIR", "NIX_LOG_DIR")
            },
            "HOME": str(directory),
        },
    )
    with pytest.raises(NixError, match="Nix cannot write its store") as caught:
        denied.instantiate(directory / "a.nix", {})
    assert "Permission denied" in str(caught.value)
