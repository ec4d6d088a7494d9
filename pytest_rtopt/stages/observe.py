"""Reads everything that is known about the builds of a runtime, and decides what they are judged by."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_rtopt.claims.requested_profile import (
    OverlayTexts,
    changed_derivations,
    no_request_sentence,
    request_of,
    with_requests,
)
from pytest_rtopt.evidence.derivation.patches import read_patches
from pytest_rtopt.evidence.observation import Observation
from pytest_rtopt.evidence.overlay_text import definitions_of, without_comments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pytest_rtopt.claims.model import Runtime
    from pytest_rtopt.evidence.observation import Side
    from pytest_rtopt.evidence.reader import Reader
    from pytest_rtopt.nix.package_set import Instantiation, RuntimeDerivations
    from pytest_rtopt.stages.packages import Subject
    from pytest_rtopt.stages.settings import Settings


@dataclass(frozen=True)
class ForeignOverlays:
    """Foreign overlays, judged without a profile by what they request.

    `texts` are the texts of the overlays that are files. `rebuilt` is the number of packages that the
    overlays change. It is `None` for a large set, because they are not counted there. `platform` is what the
    user's packages are built for: `arch` and `tune`, as in `hostPlatform.gcc`. `stdenv_flags` are what a
    standard environment gives every C compilation.
    """

    texts: tuple[str, ...]
    rebuilt: int | None
    platform: Mapping[str, str] = field(default_factory=dict)
    stdenv_flags: tuple[str, ...] = ()

    def about(self, attribute: str, stock: Side, optimized: Side) -> OverlayTexts:
        """Return the texts, the definitions of one attribute in them, and what its new patches add."""
        definitions = [found for text in self.texts for found in definitions_of(attribute, text)]
        return OverlayTexts(
            definitions="\n".join(definitions),
            whole="\n".join(map(without_comments, self.texts)),
            patches=read_patches(changed_derivations(stock, optimized)),
        )


def judges_by_overlay_requests(settings: Settings, derivations: Instantiation) -> bool:
    """Return whether foreign overlays are judged by what they request, because the user named no profile."""
    return settings.detects_profile and (derivations.overlaid or not settings.uses_shipped_overlays)


def foreign_overlays(files: Iterable[Path], derivations: Instantiation) -> ForeignOverlays:
    """Return what is known about overlays before anything is built."""
    texts = tuple(path.read_text(errors="replace") for path in files if path.is_file())
    if derivations.everything is None:
        return ForeignOverlays(texts, None, derivations.platform, derivations.stdenv_flags)
    stock, optimized = derivations.everything
    rebuilt = sum(drv != stock.get(name) for name, drv in optimized.items())
    return ForeignOverlays(texts, rebuilt, derivations.platform, derivations.stdenv_flags)


def observe(
    runtime: Runtime,
    built: RuntimeDerivations,
    reader: Reader,
    subject: Subject,
    foreign: ForeignOverlays | None,
) -> Observation:
    """Read both builds of `runtime`, and decide what they are judged by.

    That is the profile or, with `foreign`, the requests of foreign overlays.

    Raises `EvidenceError` if an output is not the runtime, and `NixError` if Nix fails.
    """
    stock, optimized = reader.sides(runtime, built)
    profile, request, no_request = subject.profile, None, None
    if foreign is not None:
        unread = () if runtime.compiled_by_gcc else foreign.stdenv_flags
        request = request_of(stock, optimized, foreign.about(built.attr, stock, optimized), unread)
        requested = request.requested
        if not runtime.compiled_by_gcc:
            request = replace(request, requested=requested.without_platform())
        elif request.changes.names:
            request = replace(request, requested=requested.on_platform(foreign.platform))
        profile = with_requests(profile, runtime.profile_attribute, request)
        no_request = no_request_sentence(request, foreign.rebuilt)
    return Observation(
        attr=runtime.profile_attribute,
        profile=profile,
        host_features=subject.host.features,
        stock=stock,
        optimized=optimized,
        prebuilt=built.prebuilt,
        requested=None if request is None else request.requested,
        no_request=no_request,
    )
