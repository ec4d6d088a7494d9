# What happens to every output after its installation.

fixupOutputHooks+=(__patchShebangsOfOutput _doStrip)

# patchShebangs [--build | --host | --update] [--] PATH…: executables that name an interpreter outside of the store get
# the one that is in the path of the machine that builds, or of the one that runs them.
patchShebangs() {
  local path=HOST_PATH update= file first interpreter arguments program found
  while [[ ${1-} == --* ]]; do
    case "$1" in
      --build) path=PATH ;;
      --host) path=HOST_PATH ;;
      --update) update=1 ;;
      --) ;;
      *)
        echo "Unknown option $1 supplied to patchShebangs" >&2
        return 1
        ;;
    esac
    shift
  done
  while IFS= read -r -d '' file; do
    if ! isScript "$file"; then continue; fi
    IFS= read -r first <"$file" || true
    read -r interpreter arguments <<<"${first#\#!}"
    if [[ $interpreter == "$NIX_STORE"/* && -z $update || $interpreter != /* ]]; then continue; fi
    program=${interpreter##*/}
    if [[ $program == env ]]; then
      case "$arguments" in
        "-S "*) arguments=${arguments#-S } ;;
        -* | *=*)
          echo "$file: unsupported interpreter directive \"$first\" (set dontPatchShebangs=1 and handle shebang patching yourself)" >&2
          exit 1
          ;;
      esac
      program=${arguments%% *}
      arguments=${arguments#"$program"}
      arguments=${arguments# }
    fi
    found=$(PATH=${!path} type -P "$program" || true)
    # The host's own interpreter is right under any of its names.
    if [[ -z $found || $found -ef $interpreter ]]; then continue; fi
    echo "$file: interpreter directive changed from \"$first\" to \"#!$found${arguments:+ $arguments}\""
    touch -r "$file" "$NIX_BUILD_TOP/.shebang-time"
    chmod u+w "$file"
    sed -i -e "1c\\#!$found${arguments:+ $arguments}" "$file"
    touch -r "$NIX_BUILD_TOP/.shebang-time" "$file"
  done < <(find "$@" -type f -perm -0100 -print0)
}
__patchShebangsOfOutput() {
  if [[ -z ${dontPatchShebangs-} && -e $prefix ]]; then patchShebangs --host "$prefix"; fi
}

# Debugging information only: symbols stay.
_doStrip() {
  if [[ -n ${dontStrip-} ]]; then return; fi
  local -a debug=() all=() debugFlags=() allFlags=()
  local directory
  # Split at blanks on purpose.
  # shellcheck disable=SC2206
  debugFlags=(${stripDebugFlags[*]:--S -p}) allFlags=(${stripAllFlags[*]:--s -p})
  for directory in ${stripDebugList[*]:-lib lib32 lib64 libexec bin sbin}; do debug+=("$prefix/$directory"); done
  for directory in ${stripAllList[*]-}; do all+=("$prefix/$directory"); done
  __strip debugFlags "${debug[@]}"
  __strip allFlags ${all[@]+"${all[@]}"}
}
__strip() {
  local -n flags=$1
  shift
  local -a there=() excluded=()
  local path pattern
  for path in "$@"; do if [[ -e $path ]]; then there+=("$path"); fi; done
  if ((${#there[@]} == 0)); then return; fi
  for pattern in ${stripExclude[@]+"${stripExclude[@]}"}; do
    excluded+=(! '(' -name "$pattern" -o -wholename "$prefix/$pattern" ')')
  done
  echo "stripping (with command strip and flags ${flags[*]}) in ${there[*]}"
  # What is no object file makes strip fail, which says nothing about the others.
  find "${there[@]}" -type f ${excluded[@]+"${excluded[@]}"} -print0 |
    { xargs -r -0 -n1 -P "$NIX_BUILD_CORES" -- strip "${flags[@]}" 2>/dev/null || true; }
  find "${there[@]}" -name '*.a' -type f -exec ranlib -D {} \; 2>/dev/null
}

recordPropagatedDependencies() {
  local variable file
  for variable in propagatedNativeBuildInputs:propagated-native-build-inputs propagatedBuildInputs:propagated-build-inputs; do
    file=${variable#*:} variable=${variable%%:*}
    local -n listed=$variable
    if [[ -n ${listed[*]-} ]]; then
      mkdir -p "${!outputDev}/nix-support"
      printWords ${listed[*]} >"${!outputDev}/nix-support/$file"
    fi
    unset -n listed
  done
}

fixupPhase() {
  local output hook content
  for output in $(getAllOutputNames); do
    if [[ -e ${!output} ]]; then chmod -R u+w,u-s,g-s "${!output}"; fi
  done
  runHook preFixup
  for output in $(getAllOutputNames); do prefix=${!output} runHook fixupOutput; done
  recordPropagatedDependencies
  if [[ -n ${setupHook-} ]]; then
    mkdir -p "${!outputDev}/nix-support"
    substituteAll "$setupHook" "${!outputDev}/nix-support/setup-hook"
  fi
  for hook in ${setupHooks[@]-}; do
    mkdir -p "${!outputDev}/nix-support"
    consumeEntire content <"$hook"
    substituteAllStream content "file '$hook'" >>"${!outputDev}/nix-support/setup-hook"
  done
  runHook postFixup
}
