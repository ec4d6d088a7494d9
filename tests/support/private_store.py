"""A Nix store of the tests' own, kept between runs: the machine's `/nix` is neither read nor written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.nix.client import Nix, find_nix

if TYPE_CHECKING:
    from collections.abc import Mapping

# No symbolic link may lead to a Nix store.
_PARENT: Final = Path(__file__).resolve().parent.parent.parent / ".cache" / "test-store"
# Root without a daemon builds by itself; builds never ask the network.
_CONFIGURATION: Final = "build-users-group =\nsubstituters =\nmax-jobs = 1\n"


@dataclass(frozen=True)
class PrivateStore:
    """A store below `directory`: the environment that selects it, and a Nix that has this environment."""

    directory: Path
    environment: Mapping[str, str]
    nix: Nix


def private_environment(directory: Path) -> Mapping[str, str]:
    """Return the environment under which any Nix keeps everything below `directory`, made if absent."""
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
    """Return the store that all tests with a real Nix share; each version of Nix has its own.

    Without Nix the tests fail and are not skipped: the set-up installs it.
    """
    nix = find_nix()
    directory = _PARENT / f"nix-{nix.version}"
    environment = private_environment(directory)
    return PrivateStore(directory, environment, replace(nix, environment=environment))
