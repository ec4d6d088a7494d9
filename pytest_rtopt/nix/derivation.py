"""What a derivation says: builder, environment, inputs, outputs; from the JSON of any Nix since 2.8."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.json_depth import DEEPEST, is_too_deep

_EMPTY: Mapping[str, object] = MappingProxyType({})
# The set-up of nixpkgs' stdenv appends to these in every build and exports them, wherever a package has them.
# `build-support/setup-hooks/reproducible-builds.sh` and `_addRpathPrefix` in `stdenv/generic/setup.sh`.
_EXPORTED_BY_SETUP: tuple[str, ...] = ("NIX_CFLAGS_COMPILE", "NIX_LDFLAGS")


@dataclass(frozen=True)
class Derivation:
    """One derivation.

    `exported` holds the variables that its builder's children see: all attributes, or with structured
    attributes only the `env` set and the two variables of flags that nixpkgs' set-up exports. `attributes`
    holds everything, structured values as they are. `fixed` says that the outputs are known by their hash, as
    those of a source are, whatever makes them. `arguments` are those of the builder.
    """

    path: str
    name: str
    outputs: Mapping[str, str]
    inputs: tuple[str, ...]
    structured: bool
    attributes: Mapping[str, object]
    exported: Mapping[str, str]
    fixed: bool = False
    arguments: tuple[str, ...] = ()


def parse_derivations(text: str, store_dir: str) -> dict[str, Derivation]:
    """Parse the output of `nix show-derivation` or `nix derivation show`, old or new format, by full path.

    Nix 2.8 to 2.31 print `{path: {…}}`; later versions print `{"derivations": {name: {…}}, "version": n}`
    with paths relative to the store and structured attributes beside the environment.
    """
    try:
        document = json.loads(text)
        _check_depth(document)
        entries = document.get("derivations", document)
        return {
            (drv := _parse_one(_in_store(path, store_dir), entry, store_dir)).path: drv
            for path, entry in entries.items()
            if isinstance(entry, dict)
        }
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError) as error:
        raise NixError(
            f"This version of Nix prints derivations in a form that is not known here ({error!r}); "
            "please report it with the output of `nix --version`."
        ) from error


def name_of(drv: str) -> str:
    """Return a derivation's name: its path without store, hash and suffix."""
    return drv.rsplit("/", 1)[-1].split("-", 1)[-1].removesuffix(".drv")


def _in_store(path: str, store_dir: str) -> str:
    return path if path.startswith("/") else f"{store_dir}/{path}"


def _parse_one(path: str, entry: dict[str, object], store_dir: str) -> Derivation:
    env = _mapping(entry.get("env"))
    if isinstance(entry.get("structuredAttrs"), dict):
        structured: Mapping[str, object] | None = _mapping(entry["structuredAttrs"])
    elif isinstance(encoded := env.get("__json"), str):
        decoded = json.loads(encoded)
        _check_depth(decoded)
        structured = _mapping(decoded)
    else:
        structured = None
    outputs = _mapping(entry.get("outputs"))
    inner = env if structured is None else _exported_structured(structured)
    return Derivation(
        path=path,
        name=str(entry.get("name") or env.get("name") or name_of(path)),
        outputs={
            # Nix 2.34 leaves the path of a fixed output to its hash; the environment still has it.
            name: _in_store(str(_mapping(output).get("path") or env[name]), store_dir)
            for name, output in outputs.items()
        },
        inputs=_inputs(entry, store_dir),
        structured=structured is not None,
        attributes=structured if structured is not None else env,
        exported={name: _as_exported(value) for name, value in inner.items()},
        fixed=any("hash" in _mapping(output) for output in outputs.values()),
        arguments=tuple(map(str, arguments)) if isinstance(arguments := entry.get("args"), list) else (),
    )


def _exported_structured(structured: Mapping[str, object]) -> Mapping[str, object]:
    """Return what is exported with structured attributes: `env`, and what nixpkgs' set-up exports."""
    strings = {name for name in _EXPORTED_BY_SETUP if isinstance(structured.get(name), str)}
    return {**{name: structured[name] for name in sorted(strings)}, **_mapping(structured.get("env"))}


def _inputs(entry: dict[str, object], store_dir: str) -> tuple[str, ...]:
    drvs = entry.get("inputDrvs")
    if drvs is None:
        drvs = _mapping(entry.get("inputs")).get("drvs")
    return tuple(sorted(_in_store(path, store_dir) for path in _mapping(drvs)))


def _check_depth(value: object) -> None:
    """Raise `ValueError` for what nests so deep that nobody could look at it later."""
    if is_too_deep(value):
        raise ValueError(f"more than {DEEPEST} levels of lists and sets")


def _as_exported(value: object) -> str:
    """Return a value as Nix gives it to a builder's environment: true is 1, false and null are empty."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    return str(value)


def _mapping(value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    return _EMPTY
