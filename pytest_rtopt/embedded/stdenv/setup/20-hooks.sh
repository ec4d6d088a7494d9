# Hooks: a function or a script or a variable of the hook's name, then each element of the array NAMEHooks.

# A function is called, anything else is evaluated, so that `return` ends the hook and not its caller.
_eval() {
  if declare -F "$1" >/dev/null; then "$@"; else eval "$1"; fi
}

_callImplicitHook() {
  local __default=$1 hookName=$2
  if declare -F "$hookName" >/dev/null; then
    "$hookName"
  elif type -p "$hookName" >/dev/null; then
    source "$hookName"
  elif [[ -n ${!hookName-} ]]; then
    eval "${!hookName}"
  else
    return "$__default"
  fi
}

# Run all hooks of a name; the first that fails ends the build.
runHook() {
  local hookName=$1 hook
  shift
  local -n hooksOfName=${hookName%Hook}Hooks
  for hook in "_callImplicitHook 0 $hookName" ${hooksOfName[@]+"${hooksOfName[@]}"}; do
    _eval "$hook" "$@"
  done
}

# Run hooks of a name until one succeeds.
runOneHook() {
  local hookName=$1 hook
  shift
  local -n hooksOfName=${hookName%Hook}Hooks
  for hook in "_callImplicitHook 1 $hookName" ${hooksOfName[@]+"${hooksOfName[@]}"}; do
    if _eval "$hook" "$@"; then return 0; fi
  done
  return 1
}

# Lists of words. A list is a string, split at blanks, without structured attributes, and an array with them.
# The attributes of a variable as `declare` names them: a for an array, A for a map.
__attributes() {
  local shown
  shown=$(declare -p "$1" 2>/dev/null) || return 0
  shown=${shown#declare -}
  printf '%s' "${shown%% *}"
}
__isArray() { [[ $(__attributes "$1") == *a* ]]; }
__isMap() { [[ $(__attributes "$1") == *A* ]]; }

# An unknown variable becomes what lists are.
__becomesArray() { __isArray "$1" || [[ -n $__structuredAttrs && -z $(__attributes "$1") ]]; }

prependToVar() {
  if __isMap "$1"; then
    echo "prependToVar(): ERROR: trying to use prependToVar on an associative array." >&2
    return 1
  fi
  local -n listed=$1
  if __becomesArray "$1"; then
    shift
    listed=("$@" ${listed[@]+"${listed[@]}"})
  else
    shift
    listed="$* ${listed-}"
  fi
}

appendToVar() {
  if __isMap "$1"; then
    echo "appendToVar(): ERROR: trying to use appendToVar on an associative array, use variable+=([\"X\"]=\"Y\") instead." >&2
    return 1
  fi
  local -n listed=$1
  if __becomesArray "$1"; then
    shift
    listed=(${listed[@]+"${listed[@]}"} "$@")
  else
    shift
    listed="${listed-} $*"
  fi
}

# concatTo ARRAY NAME[=DEFAULT]…: append the words of each variable to ARRAY.
concatTo() {
  local -
  set -o noglob
  local -n target=$1
  shift
  local argument name default
  for argument in "$@"; do
    name=${argument%%=*}
    default=
    if [[ $argument == *=* ]]; then default=${argument#*=}; fi
    if __isMap "$name"; then
      echo "concatTo(): ERROR: trying to use concatTo on an associative array." >&2
      return 1
    fi
    local -n words=$name
    if [[ -z ${words[*]-} && -n $default ]]; then
      target+=("$default")
    elif __isArray "$name"; then
      target+=(${words[@]+"${words[@]}"})
    else
      # Split at blanks on purpose.
      # shellcheck disable=SC2206
      target+=(${words-})
    fi
    unset -n words
  done
}

concatStringsSep() {
  local separator=$1 joined= element
  local -a elements=()
  concatTo elements "$2"
  for element in "${elements[@]}"; do joined+=${joined:+$separator}$element; done
  printf '%s' "$joined"
}
