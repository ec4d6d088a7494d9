"""The bundle of `-m generate`: the overlays, the resolved profile, and the file that applies them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from pytest_rtopt.base.atomic_write import replace_file
from pytest_rtopt.base.resources import directory
from pytest_rtopt.hardware.nix_text import to_nix

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_rtopt.claims.model import Runtime
    from pytest_rtopt.hardware.profile import HardwareProfile

_TEMPLATE: Final = "rtopt.nix.jinja"


@dataclass(frozen=True)
class Bundle:
    """The paths of a generated bundle."""

    root: Path

    @property
    def overlays(self) -> Path:
        """The copied overlays."""
        return self.root / "overlays"

    @property
    def snippet(self) -> Path:
        """The file that applies the overlays. Its head has the lines for `flake.nix`."""
        return self.root / "rtopt.nix"

    def profile(self, name: str) -> Path:
        """Return the file of the resolved profile."""
        return self.root / "profiles" / "hardware" / f"{name}.nix"


def write_bundle(root: Path, profile: HardwareProfile, runtimes: Sequence[Runtime]) -> Bundle:
    """Write a bundle for `runtimes` to `root`, and replace the files of an earlier one.

    Raises `ReportError` if a file cannot be written.
    """
    bundle = Bundle(root)
    # Installers compile the training program in Python; its bytes differ by interpreter, and are no source.
    compiled = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(directory("overlays"), bundle.overlays, dirs_exist_ok=True, ignore=compiled)
    path = bundle.profile(profile.name)
    replace_file(path, to_nix(dict(profile.values)).encode())
    environment = Environment(
        loader=PackageLoader("pytest_rtopt.generate", "."),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # Nix, not HTML
    )
    text = environment.get_template(_TEMPLATE).render(
        profile=path.relative_to(root).as_posix(), runtimes=runtimes
    )
    replace_file(bundle.snippet, text.encode())
    return bundle
