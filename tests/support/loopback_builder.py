"""A remote builder for tests: an SSH server on the loopback address with its own store."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base import process

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS: Final = 30.0
_SERVER: Final = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {here}/host
AuthorizedKeysFile {here}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
"""
_NIX: Final = """\
build-users-group =
substituters =
sandbox = true
sandbox-paths = /usr /bin /lib /lib64 /etc/alternatives
require-sigs = false
"""


@dataclass(frozen=True)
class LoopbackBuilder:
    """The `builders` line of the machine, the options for ssh, and the directory of its files."""

    line: str
    ssh_options: str
    root: Path

    def has(self, path: str) -> bool:
        """Return whether the store of the builder has a store path."""
        return (self.root / "nix" / "store" / Path(path).name).exists()


@contextlib.contextmanager
def loopback_builder(here: Path, store_dir: str) -> Iterator[LoopbackBuilder]:
    """Serve builds for stores at `store_dir`, with new keys; all files are below `here`."""
    for name in ("host", "user"):
        process.check(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(here / name)], timeout=_SECONDS
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (here / "sshd_config").write_text(_SERVER.format(port=port, here=here))
    (here / "nix.conf").write_text(_NIX)
    (here / "known").write_text(f"[127.0.0.1]:{port} {(here / 'host.pub').read_text()}")
    root, serve = here / "root", here / "serve"
    store = shlex.quote(f"local?root={root}&store={store_dir}")
    nix_store = shutil.which("nix-store")
    assert nix_store is not None
    serve.write_text(
        "#!/bin/sh\n"
        f"export NIX_STORE_DIR={store_dir} NIX_CONF_DIR={here} HOME={here} NIX_REMOTE=\n"
        f'exec {nix_store} "$@" --store {store}\n'
    )
    serve.chmod(0o755)
    # sshd must be started by its absolute path. As root, it needs a directory for privilege separation.
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    assert sshd is not None, "sshd is missing: bin/setup names the package"
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    server = subprocess.Popen([sshd, "-D", "-f", str(here / "sshd_config"), "-E", str(here / "sshd.log")])
    try:
        _wait_for(port)
        yield LoopbackBuilder(
            line=f"ssh://127.0.0.1?remote-program={serve} x86_64-linux {here / 'user'} 1 1",
            ssh_options=f"-p {port} -o UserKnownHostsFile={here / 'known'} -o StrictHostKeyChecking=yes",
            root=root,
        )
    finally:
        server.terminate()
        server.wait(_SECONDS)


def _wait_for(port: int) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
