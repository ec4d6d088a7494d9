#!/bin/bash
# The compiler as a build sees it: the host's, with the flags that nixpkgs' cc-wrapper adds, read from the same
# variables and placed in the same order:
#   hardening-before, NIX_CFLAGS_COMPILE_BEFORE, the build system's own, hardening-after, NIX_CFLAGS_COMPILE,
#   (C++) NIX_CXXSTDLIB_COMPILE, (linking) NIX_CFLAGS_LINK, -Wl,NIX_LDFLAGS.
# No other variable is read; NIX_CXXFLAGS_COMPILE or NIX_CFLAGS have no effect here as they have none there.
set -eu -o pipefail
source @common@

program=${0##*/}
compiler=/usr/bin/$program
params=("$@")

collectBintools
if [ -z "${NIX_CC_WRAPPER_FLAGS_SET_@salt@:-}" ]; then
  collect CC_WRAPPER NIX_CFLAGS_COMPILE NIX_CFLAGS_COMPILE_BEFORE NIX_CFLAGS_LINK NIX_CXXSTDLIB_COMPILE \
    NIX_CXXSTDLIB_LINK NIX_GNATFLAGS_COMPILE NIX_ENFORCE_NO_NATIVE
  export NIX_CC_WRAPPER_FLAGS_SET_@salt@=1
fi

dontLink=0 nonFlagArgs=0 cc1=0 isCxx=0
case "$program" in *++*) isCxx=1 ;; esac
for ((n = 0; n < ${#params[@]}; n++)); do
  case "${params[n]}" in
    -[cSEM] | -MM) dontLink=1 ;;
    -cc1) cc1=1 ;;
    -x*c++*) isCxx=1 ;;
    -x) if [[ ${params[n + 1]:-} == *c++* ]]; then isCxx=1; fi ;;
    -?*) ;;
    *) nonFlagArgs=1 ;;
  esac
done
if [ "$nonFlagArgs" = 0 ] || [ "$program" = cpp ]; then dontLink=1; fi

# Only the command line is filtered: `-march=native` inside NIX_CFLAGS_COMPILE gets through, in nixpkgs too.
if [[ "$NIX_ENFORCE_NO_NATIVE_@salt@" == *1* ]]; then
  kept=()
  for param in "${params[@]}"; do
    if [[ "$param" == -m*=native ]]; then
      echo "warning: Skipping impure flag $param because NIX_ENFORCE_NO_NATIVE is set" >&2
    else
      kept+=("$param")
    fi
  done
  params=("${kept[@]}")
fi

hardeningBefore=() hardeningAfter=()
if hardened stackclashprotection; then hardeningBefore+=(-fstack-clash-protection); fi
if hardened zerocallusedregs; then hardeningBefore+=(-fzero-call-used-regs=used-gpr); fi
if hardened stackprotector; then hardeningBefore+=(-fstack-protector-strong --param ssp-buffer-size=4); fi
if hardened pic; then hardeningBefore+=(-fPIC); fi
if hardened strictoverflow; then hardeningBefore+=(-fno-strict-overflow); fi
if hardened format; then hardeningBefore+=(-Wformat -Wformat-security -Werror=format-security); fi
if hardened fortify3; then
  hardeningBefore+=(-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
elif hardened fortify; then
  hardeningBefore+=(-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
fi

# Variables are split at blanks on purpose.
# shellcheck disable=SC2206
before=("${hardeningBefore[@]}" $NIX_CFLAGS_COMPILE_BEFORE_@salt@)
# shellcheck disable=SC2206
after=("${hardeningAfter[@]}" -B@out@/bin/ $NIX_CFLAGS_COMPILE_@salt@)
# shellcheck disable=SC2206
if [ "$isCxx" = 1 ]; then after+=($NIX_CXXSTDLIB_COMPILE_@salt@); fi
if [ "$dontLink" = 0 ]; then
  # shellcheck disable=SC2206
  after+=($NIX_CFLAGS_LINK_@salt@)
  # shellcheck disable=SC2206
  if [ "$isCxx" = 1 ]; then after+=($NIX_CXXSTDLIB_LINK_@salt@); fi
  for flag in $NIX_LDFLAGS_BEFORE_@salt@; do before+=("-Wl,$flag"); done
  if [ -n "$NIX_DYNAMIC_LINKER_@salt@" ]; then before+=("-Wl,-dynamic-linker=$NIX_DYNAMIC_LINKER_@salt@"); fi
  for flag in $NIX_LDFLAGS_@salt@; do
    if [[ "$flag" == -L/* ]]; then after+=("$flag"); else after+=("-Wl,$flag"); fi
  done
  # The linker's wrapper must not add NIX_LDFLAGS a second time.
  export NIX_LINK_TYPE_@salt@=dynamic
fi

# `gcc -v` alone prints the version and must stay alone; -cc1 takes no driver flags.
if [ "$*" = -v ] || [ "$cc1" = 1 ]; then before=() after=(); fi

showFlags "extra flags before to" "$compiler" "${before[@]}"
showFlags "original flags to" "$compiler" "${params[@]}"
showFlags "extra flags after to" "$compiler" "${after[@]}"

exec "$compiler" "${before[@]}" "${params[@]}" "${after[@]}"
