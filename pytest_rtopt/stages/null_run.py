"""The null run: where something fails under an overlay, the same overlay is tried once without its flags.

That is one evaluation, and nothing is built. It tells whether the flags are at fault or the way in which they
are applied. Somebody else's overlay is copied without the words that are flags
(`evidence/flagless_overlay.py`); an overlay of this project gets a profile that asks for nothing. Where the
null run cannot tell, the message stays as it is.
"""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.errors import BuildError, NixError, OverlayError, RtoptError
from pytest_rtopt.evidence.derivation.beside_flags import changes_beside_flags, closure
from pytest_rtopt.evidence.derivation.flag_placement import placements
from pytest_rtopt.evidence.flagless_overlay import without_flags
from pytest_rtopt.evidence.log.flag_complaints import flags_in_errors
from pytest_rtopt.nix.package_set import Judged, instantiate
from pytest_rtopt.runtimes import runtime as runtime_named
from pytest_rtopt.stages.build import instantiate_runtimes, overlays_of
from pytest_rtopt.stages.null_sentences import Taken, is_same_failure, with_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_rtopt.base.errors import FailedBuildError
    from pytest_rtopt.hardware.profile import HardwareProfile
    from pytest_rtopt.nix.overlay_source import Overlay
    from pytest_rtopt.nix.package_set import Instantiation, RuntimeDerivations
    from pytest_rtopt.stages.packages import Packages
    from pytest_rtopt.stages.settings import Settings

_ASKS_FOR_NOTHING: Final = Judged({}, (), {}, everything=False, once=True)


@dataclass(frozen=True)
class _Variant:
    """What a null run evaluates and what it leaves out; `originals` has the user's file by copy."""

    judged: Judged
    taken: Taken
    originals: dict[str, str]


def instantiate_with_reasons(
    settings: Settings, packages: Packages, profile: HardwareProfile, *, everything: bool = True
) -> Instantiation:
    """Evaluate the requested runtimes; what is said of those that fail tells what is at fault, if it can.

    Raises `NixError` as `instantiate` does.
    """
    null_run = NullRun(settings, packages)
    try:
        found = instantiate_runtimes(settings, packages, profile, everything=everything)
    except NixError as error:
        if isinstance(error, OverlayError) and not settings.uses_shipped_overlays:
            # It is no overlay, and the message says what it is.
            raise
        said = with_sentence(str(error), null_run.of_evaluation(settings.runtimes, str(error)))
        raise NixError(said) from error
    reasons = {
        name: with_sentence(said, null_run.of_evaluation((name,), said))
        for name, said in found.failures.items()
    }
    return replace(found, failures=reasons)


@dataclass(frozen=True)
class NullRun:
    """Evaluates the overlays of a run once more, without their flags."""

    settings: Settings
    packages: Packages

    def of_evaluation(self, names: Sequence[str], said: str) -> str | None:
        """Return what is at fault where Nix says `said` of the runtimes `names`; `None` if unknown."""
        with self._variant(names) as variant:
            if variant is None:
                return None
            null = self._evaluate(names, variant)
            sentence = None
            if isinstance(null, str):
                # Packages that fail without any overlay say nothing about one.
                if is_same_failure(said, null) and self._evaluates_without_overlays(names):
                    sentence = variant.taken.of_evaluation(fails=True)
            elif not null.overlaid:
                sentence = variant.taken.of_evaluation(fails=False)
            return sentence

    def explained(self, name: str, derivations: Instantiation, error: FailedBuildError) -> BuildError:
        """Return the error of a failed build, with what is at fault if that is known."""
        if derivations.overlaid:
            # The overlays are the packages' own, and their text is not known.
            return error
        try:
            sentence = self._of_build(name, derivations.of(name), error)
        except RtoptError:
            sentence = None
        return BuildError(with_sentence(str(error), sentence, first_line=True))

    def _of_build(self, name: str, sides: RuntimeDerivations, error: FailedBuildError) -> str | None:
        programs = sides.optimized_programs is not None and error.drv == sides.optimized_programs.drv
        stock = sides.stock_programs if programs else sides.stock
        if stock is None or error.drv == stock.drv or error.by_machine:
            return None
        nix = self.packages.nix
        if error.culprit in closure(stock.drv, nix.derivations([stock.drv], recursive=True)):
            return None
        with self._variant((name,)) as variant:
            null = None if variant is None else self._evaluate((name,), variant)
        if variant is None or null is None or isinstance(null, str) or null.overlaid:
            return None
        of_null = null.runtimes[name]
        paths = of_null.optimized_programs if programs else of_null.optimized
        if paths is None:
            return None
        derivations = nix.derivations([stock.drv, paths.drv, error.drv], recursive=True)
        added = placements(derivations[stock.drv], derivations[error.drv])
        flags = dict.fromkeys([*variant.taken.flags, *(placement.flag for placement in added)])
        return variant.taken.of_build(
            sides.attr,
            changes_beside_flags(stock.drv, paths.drv, derivations),
            flags_in_errors(flags, error.log),
        )

    def _evaluate(self, names: Sequence[str], variant: _Variant) -> Instantiation | str:
        """Return what the variant evaluates to, or what Nix says of it with the user's files."""
        runtimes = [runtime_named(name) for name in names]
        try:
            return instantiate(self.packages.nix, self.packages.set, runtimes, variant.judged)
        except RtoptError as error:
            said = str(error)
            for copy, original in variant.originals.items():
                said = said.replace(copy, original)
            return said

    def _evaluates_without_overlays(self, names: Sequence[str]) -> bool:
        return not isinstance(self._evaluate(names, _Variant(_ASKS_FOR_NOTHING, Taken(), {})), str)

    @contextlib.contextmanager
    def _variant(self, names: Sequence[str]) -> Iterator[_Variant | None]:
        """Give what is to be evaluated, and remove its files afterwards; `None` where there are no flags."""
        overlays = overlays_of(self.settings)
        if self.settings.uses_shipped_overlays:
            own = dict(zip(self.settings.runtimes, overlays, strict=True))
            attributes = tuple(runtime_named(name).profile_attribute for name in names)
            judged = replace(_ASKS_FOR_NOTHING, overlays=overlays, own=own)
            yield _Variant(judged, Taken(attributes=attributes), {})
            return
        with tempfile.TemporaryDirectory(prefix="rtopt-null-") as directory:
            yield _copies(overlays, Path(directory))


def _copies(overlays: Sequence[Overlay], directory: Path) -> _Variant | None:
    """Write the overlays without their flags below `directory`.

    `None` where one of them is not known as a text, or none has flags.
    """
    copies, originals = [], {}
    flags: dict[str, None] = {}
    for number, overlay in enumerate(overlays):
        original = Path(overlay.location)
        if overlay.flake or not original.is_file():
            return None
        flagless = without_flags(original.read_text(errors="replace"), str(original.parent))
        if flagless is None:
            return None
        copy = directory / str(number) / original.name
        copy.parent.mkdir()
        copy.write_text(flagless.text)
        copies.append(replace(overlay, location=str(copy)))
        originals[str(copy)] = overlay.location
        flags |= dict.fromkeys(flagless.flags)
    if not flags:
        return None
    judged = replace(_ASKS_FOR_NOTHING, overlays=tuple(copies))
    return _Variant(judged, Taken(tuple(flags), len(overlays)), originals)
