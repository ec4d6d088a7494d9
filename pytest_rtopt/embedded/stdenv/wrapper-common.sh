# What both wrappers do with the NIX_* variables. Sourced by the wrappers; @salt@ names the platform, as in nixpkgs.

# collect WRAPPER NAME…: for each variable, join its values for the roles that WRAPPER serves into NAME_@salt@.
# Values are joined with blanks and split at blanks later: there is no quoting.
collect() {
  local wrapper=$1 name suffix input output
  shift
  local -a suffixes=()
  local role
  for role in BUILD:_FOR_BUILD HOST: TARGET:_FOR_TARGET; do
    input=NIX_${wrapper}_TARGET_${role%%:*}_@salt@
    if [ -n "${!input:-}" ]; then suffixes+=("${role#*:}"); fi
  done
  for name in "$@"; do
    output=${name}_@salt@
    for suffix in "${suffixes[@]}"; do
      input=$name$suffix
      if [ -n "${!input:-}" ]; then
        printf -v "$output" '%s' "${!output:+${!output} }${!input}"
      fi
    done
    export "$output=${!output:-}"
  done
}

collectBintools() {
  if [ -n "${NIX_BINTOOLS_WRAPPER_FLAGS_SET_@salt@:-}" ]; then return; fi
  collect BINTOOLS_WRAPPER NIX_LDFLAGS NIX_LDFLAGS_BEFORE NIX_LDFLAGS_AFTER NIX_LDFLAGS_HARDEN \
    NIX_DYNAMIC_LINKER NIX_HARDENING_ENABLE NIX_IGNORE_LD_THROUGH_GCC NIX_SET_BUILD_ID NIX_DONT_SET_RPATH
  # A wrapper that another one starts inherits the result and must not join it again.
  export NIX_BINTOOLS_WRAPPER_FLAGS_SET_@salt@=1
}

showFlags() {
  # showFlags WHEN PROGRAM FLAG…
  if (("${NIX_DEBUG:-0}" >= 1)); then
    echo "$1 $2:" >&2
    shift 2
    if (($# > 0)); then printf '  %q\n' "$@" >&2; fi
  fi
}

hardened() { [[ " $NIX_HARDENING_ENABLE_@salt@ " == *" $1 "* ]]; }
