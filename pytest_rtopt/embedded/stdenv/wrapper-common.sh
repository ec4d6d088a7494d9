# What both wrappers do with the NIX_* variables. Sourced by the wrappers; @salt@ names the platform, as in nixpkgs.

# The suffixes of the roles that WRAPPER serves: whose variables it reads.
roles() {
  local role input
  suffixes=()
  for role in BUILD:_FOR_BUILD HOST: TARGET:_FOR_TARGET; do
    input=NIX_$1_TARGET_${role%%:*}_@salt@
    if [ -n "${!input:-}" ]; then suffixes+=("${role#*:}"); fi
  done
}

# collect WRAPPER NAME…: for each variable, join its values for the roles that WRAPPER serves into NAME_@salt@.
# Values are joined with blanks and split at blanks later: there is no quoting.
collect() {
  local name suffix input output
  local -a suffixes
  roles "$1"
  shift
  for name in "$@"; do
    output=${name}_@salt@
    for suffix in "${suffixes[@]}"; do
      input=$name$suffix
      if [ -v "$input" ]; then printf -v "$output" '%s' "${!output:+${!output} }${!input}"; fi
    done
    export "$output=${!output:-}"
  done
}

# As `collect`, for variables that are numbers: 1 where one of the values is.
collectBooleans() {
  local name suffix input output
  local -a suffixes
  roles "$1"
  shift
  for name in "$@"; do
    output=${name}_@salt@
    declare -gxi "$output=${!output:-0}"
    for suffix in "${suffixes[@]}"; do
      input=$name$suffix
      if [ -v "$input" ]; then declare -gxi "$output=${!output} | ${!input:-0}"; fi
    done
  done
}

collectBintools() {
  if [ -n "${NIX_BINTOOLS_WRAPPER_FLAGS_SET_@salt@:-}" ]; then return; fi
  collect BINTOOLS_WRAPPER NIX_LDFLAGS NIX_LDFLAGS_BEFORE NIX_LDFLAGS_AFTER NIX_LDFLAGS_HARDEN \
    NIX_DYNAMIC_LINKER NIX_HARDENING_ENABLE NIX_IGNORE_LD_THROUGH_GCC
  # That of a toolchain; the host's is known to its compiler.
  : "${NIX_DYNAMIC_LINKER_@salt@:=@dynamicLinker@}"
  collectBooleans BINTOOLS_WRAPPER NIX_SET_BUILD_ID NIX_DONT_SET_RPATH
  # A wrapper that another one starts inherits the result and must not join it again.
  export NIX_BINTOOLS_WRAPPER_FLAGS_SET_@salt@=1
}

# The arguments with those of response files (`@FILE`) in their place.
expandResponseParams() {
  local argument
  params=()
  for argument in "$@"; do
    if [[ $argument == @* && -f ${argument#@} ]]; then
      readarray -d '' -O "${#params[@]}" params < <(@prefix@/bin/xargs -r printf '%s\0' <"${argument#@}")
    else
      params+=("$argument")
    fi
  done
}

# How a program with these arguments is linked.
checkLinkType() {
  local argument type=dynamic
  for argument in "$@"; do
    case "$argument" in
      -static) type=static ;;
      -static-pie) type=static-pie ;;
    esac
  done
  echo "$type"
}

# filterRpathFlags TYPE WORD…: the words one a line, without run paths where a program can have none.
filterRpathFlags() {
  local type=$1
  shift
  while (($#)); do
    if [[ $type == static-pie && $1 == -rpath ]]; then
      shift
    else
      printf '%s\n' "$1"
    fi
    shift
  done
}

showFlags() {
  # showFlags WHEN PROGRAM FLAG…
  if (("${NIX_DEBUG:-0}" >= 1)); then
    echo "$1 $2:" >&2
    shift 2
    if (($# > 0)); then printf '  %q\n' "$@" >&2; fi
  fi
}
