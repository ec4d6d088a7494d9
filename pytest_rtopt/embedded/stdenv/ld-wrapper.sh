#!/bin/bash
# The linker as a build sees it; see cc-wrapper.sh. NIX_LDFLAGS arrive through the compiler's wrapper when that one
# links, and are added here when `ld` is called directly.
set -eu -o pipefail
source @common@

linker=/usr/bin/${0##*/}
collectBintools

before=() after=()
if hardened relro; then before+=(-z relro); fi
if hardened bindnow; then before+=(-z now); fi
if [ -z "${NIX_LINK_TYPE_@salt@:-}" ]; then
  # Variables are split at blanks on purpose.
  # shellcheck disable=SC2206
  before+=($NIX_LDFLAGS_BEFORE_@salt@)
  # shellcheck disable=SC2206
  after+=($NIX_LDFLAGS_@salt@)
fi
# shellcheck disable=SC2206
after+=($NIX_LDFLAGS_AFTER_@salt@ $NIX_LDFLAGS_HARDEN_@salt@)
if [ "${NIX_SET_BUILD_ID_@salt@:-}" = 1 ]; then after+=(--build-id="${NIX_BUILD_ID_STYLE:-sha1}"); fi

showFlags "extra flags before to" "$linker" "${before[@]}"
showFlags "original flags to" "$linker" "$@"
showFlags "extra flags after to" "$linker" "${after[@]}"

exec "$linker" "${before[@]}" "$@" "${after[@]}"
