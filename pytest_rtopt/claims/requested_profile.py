"""What somebody else's overlays are held to: their own word, where nobody chose a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.overlay_changes import OverlayChanges, changes_of
from pytest_rtopt.evidence.requested import Requested, requested_by, requested_in
from pytest_rtopt.hardware.microarch import known_marches
from pytest_rtopt.hardware.runtime_settings import GOAMD64_LEVELS, LINKERS
from pytest_rtopt.hardware.rust_release import UPSTREAM

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Side
    from pytest_rtopt.hardware.profile import HardwareProfile
    from pytest_rtopt.nix.derivation import Derivation


@dataclass(frozen=True)
class OverlayTexts:
    """What overlay files say: what they assign to a runtime's attribute, and all of it, without comments.

    `patches` are the lines that the overlays' patches add to the files by which the runtime is built.
    """

    definitions: str = ""
    whole: str = ""
    patches: str = ""


_UNREAD: Final = OverlayTexts()
# `withCFlags` and its relatives append to this variable.
_FLAGS: Final = "NIX_CFLAGS_COMPILE"


@dataclass(frozen=True)
class OverlayRequest:
    """What somebody else's overlays ask for one runtime, and what they changed in its derivations.

    `elsewhere` says whether an overlay that leaves the runtime as it is may have meant it nevertheless: it
    asks for an optimization somewhere in its text, or its text is not known.
    """

    requested: Requested
    changes: OverlayChanges
    elsewhere: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether nothing that changed could be meant to make the runtime faster."""
        if not self.changes.names:
            return not self.elsewhere
        return self.requested.is_empty and not self.changes.could_optimize


def changed_derivations(stock: Side, optimized: Side) -> list[tuple[Derivation, Derivation]]:
    """Return both sides' derivations: of the runtime, and of what builds programs with it."""
    pairs = [(stock.derivation, optimized.derivation)]
    if stock.program_derivation is not None and optimized.program_derivation is not None:
        pairs.append((stock.program_derivation, optimized.program_derivation))
    return pairs


def request_of(
    stock: Side, optimized: Side, texts: OverlayTexts = _UNREAD, stdenv_flags: Sequence[str] = ()
) -> OverlayRequest:
    """Return what overlays ask for: of the runtime's derivation, and of what builds programs with it.

    An architecture that only the text names was overwritten on the way to the derivation. It is requested all
    the same. `stdenv_flags` are no requests: the standard environment gives them to every package, and the
    runtime's own compiler does not get them.
    """
    pairs = changed_derivations(stock, optimized)
    own = [(before, _without_words(before, after, stdenv_flags)) for before, after in pairs]
    requested = requested_by(*own, patches=texts.patches)
    changes = replace(changes_of(*pairs), flags=changes_of(*own).flags)
    if optimized.wrapper is not None:
        # It compiles nothing, and lacks all that stock's derivation has for that.
        around = (stock.derivation, optimized.wrapper)
        compiler, flags = requested.compiler, changes.flags
        requested = replace(requested_by(*own, around, patches=texts.patches), compiler=compiler)
        promise = changes_of(*own, around).promise
        changes = OverlayChanges((*changes.names, "what starts it (a wrapper)"), flags, promise)
    if not requested.marches | requested.levels and changes.flags:
        requested = replace(requested, marches=requested_in(texts.definitions).marches)
    elsewhere = not texts.whole or not requested_in(texts.whole).is_empty
    return OverlayRequest(requested, changes, elsewhere)


def _without_words(stock: Derivation, optimized: Derivation, words: Sequence[str]) -> Derivation:
    """Return a derivation without the words that its standard environment added to the compiler's flags."""
    before = stock.exported.get(_FLAGS)
    kept = [word for word in optimized.exported.get(_FLAGS, "").split() if word not in words]
    if kept == (before or "").split():
        # The same blanks, too.
        given = {} if before is None else {_FLAGS: before}
    else:
        given = {_FLAGS: " ".join(kept)}
    attributes = {name: value for name, value in optimized.attributes.items() if name != _FLAGS}
    exported = {name: value for name, value in optimized.exported.items() if name != _FLAGS}
    return replace(optimized, attributes={**attributes, **given}, exported={**exported, **given})


def no_request_sentence(request: OverlayRequest, rebuilt: int | None) -> str | None:
    """Return a sentence, without its full stop, for an overlay that asks for no optimization; else `None`.

    `rebuilt` counts the packages of the set that the overlay changes; `None` where nobody counted them.
    """
    if not request.is_empty:
        return None
    if not request.changes.names:
        return "The overlay asks for no optimization: it leaves this runtime as it is"
    reach = "`-m generate` tells how far the rebuild reaches"
    if rebuilt is not None:
        reach = f"the rebuild reaches {rebuilt} {'package' if rebuilt == 1 else 'packages'} of the set"
    return f"The overlay asks for no optimization: it changes {request.changes.in_words()}, and {reach}"


def with_requests(profile: HardwareProfile, attr: str, request: OverlayRequest) -> HardwareProfile:
    """Return the detected `profile` with what an overlay asks for the runtime `attr` in place of its wishes.

    - An overlay that names one architecture is held to that, and one that names GOAMD64 levels to the
      highest:
      a lower one beside it is what spoils it.
    - One that names several architectures, or none that is known here, is held to the profile's: it claims to
      optimize, and for what cannot be told. So is one that promises an optimization in the package's name and
      nowhere else, and one that leaves the runtime as it is.
    - Any other overlay has promised no architecture.

    Everything else, as link-time and profile-guided optimization, is claimed only by an overlay that names
    it.
    """
    requested = request.requested
    values = dict(profile.values)
    packages = _section(values, "packages")
    settings = _section(packages, attr)
    marches = sorted(requested.marches & set(known_marches()))
    levels = sorted(requested.levels & set(GOAMD64_LEVELS))
    named = marches[0] if len(marches) == len(requested.marches) == 1 else None
    level = levels[-1] if levels and len(levels) == len(requested.levels) else None
    if named is not None:
        values["build"] = {**_section(values, "build"), "compiler": {"march": named}}
        settings.pop("goamd64", None)
        settings.pop("targetCpu", None)
    elif level is not None or not (requested.marches | requested.levels or _promises_alone(request)):
        values["build"] = {**_section(values, "build"), "compiler": None}
        settings.pop("goamd64", None)
        settings.pop("targetCpu", None)
    if level is not None:
        settings["goamd64"] = level
    settings |= {
        "enableLTO": requested.lto,
        "pgoLevel": requested.pgo_level,
        "enableJemalloc": requested.jemalloc,
        "compileCache": requested.compile_cache,
        "staticTls": requested.static_tls,
        "staticInterpreter": requested.static_interpreter,
        # How these are done is up to whoever does it, and leaves nothing that would be a request.
        "loopWithoutProfile": False,
        "compilerHeap": None,
        "linkerGcPercent": None,
        "goGcPercent": None,
        "v8Options": requested.v8_options,
        "linker": requested.linker if requested.linker in LINKERS else None,
        "toolchain": UPSTREAM if requested.rust_release else None,
        UPSTREAM: None,
    }
    values["packages"] = {**packages, attr: settings}
    return replace(profile, values=MappingProxyType(values))


def _promises_alone(request: OverlayRequest) -> bool:
    changes = request.changes
    promised = changes.promise is not None and not changes.flags
    return not request.requested.names_more and (promised or not changes.names)


def _section(values: Mapping[str, object], key: str) -> dict[str, object]:
    section = values.get(key)
    return dict(section) if isinstance(section, Mapping) else {}
