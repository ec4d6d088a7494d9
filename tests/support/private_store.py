"""A private Nix store for tests, kept between runs; tests neither read nor write the machine's `/nix`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.nix.client import Nix, find_nix

if TYPE_CHECKING:
    from collections.abc import Mapping

# Nix refuses a store whose path contains a symbolic link.
_PARENT: Final = Path(__file__).resolve().parent.parent.parent / ".cache" / "test-store"
# Root builds without build users and without a daemon, and builds use no network.
_CONFIGURATION: Final = "build-users-group =\nsubstituters =\nmax-jobs = 1\n"


@dataclass(frozen=True)
class PrivateStore:
    """A store below `directory`, the environment that selects it, and a Nix with this environment."""

    directory: Path
    environment: Mapping[str, str]
    nix: Nix


def private_environment(directory: Path) -> Mapping[str, str]:
    """Return an environment in which Nix keeps all files below `directory`; creates missing directories."""
    places = {
        "NIX_STORE_DIR": "store",
        "NIX_STATE_DIR": "var/nix",
        "NIX_LOG_DIR": "var/log/nix",
        "NIX_CONF_DIR": "etc",
        "XDG_CACHE_HOME": "cache",
        "XDG_CONFIG_HOME": "config",
        "XDG_DATA_HOME": "share",
        "XDG_STATE_HOME": "state",
    }
    for place in places.values():
        (directory / place).mkdir(parents=True, exist_ok=True)
    configuration = directory / "etc" / "nix.conf"
    if not configuration.is_file() or configuration.read_text() != _CONFIGURATION:
        configuration.write_text(_CONFIGURATION)
    return MappingProxyType(
        {
            **{name: str(directory / place) for name, place in places.items()},
            "NIX_REMOTE": "",
            "NIX_PATH": "",
            "NIX_CONFIG": "",
        }
    )


@pytest.fixture(scope="session")
def private_store() -> PrivateStore:
    """Return the store that all tests with a real Nix share; there is one per version of Nix.

    Without Nix the tests fail instead of being skipped, because the set-up installs Nix.
    """
    nix = find_nix()
    directory = _PARENT / f"nix-{nix.version}"
    environment = private_environment(directory)
    return PrivateStore(directory, environment, replace(nix, environment=environment))
