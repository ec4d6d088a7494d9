"""Refuses a run in which pytest took the value of an option for a test path and chose a wrong rootdir.

pytest chooses the rootdir before it knows the options of plugins. With
`--rtopt-overlays ../overlays/mine.nix` the rootdir becomes a directory above both, where neither the ini file
nor the ledger is.
https://docs.pytest.org/en/stable/reference/customize.html#finding-the-rootdir
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from pytest_rtopt.plugin.options import OPTIONS


def check_rootdir(config: pytest.Config) -> None:
    """Raise `pytest.UsageError` if the rootdir comes from the value of an option."""
    here = config.invocation_params.dir
    if config.option.rootdir or config.option.inifilename or not _is_displaced(config, here):
        return
    flags = {option.flag for option in OPTIONS}
    for flag, word in pairwise(map(str, config.invocation_params.args)):
        path = Path(here, word)
        if flag in flags and path.exists() and not path.resolve().is_relative_to(here.resolve()):
            raise pytest.UsageError(
                f"pytest took {word} for a test path and made {config.rootpath} the rootdir: write "
                f"{flag}={word}, with an equals sign, or give --rootdir."
            )


def _is_displaced(config: pytest.Config, here: Path) -> bool:
    if config.inipath is None:
        return config.rootpath != here
    return not here.is_relative_to(config.rootpath)
