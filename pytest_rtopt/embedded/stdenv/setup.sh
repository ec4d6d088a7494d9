# Phases and hooks with the names and the order of nixpkgs' stdenv.
set -eu -o pipefail

export PATH=/usr/bin:/bin
export HOME=/homeless-shelter
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-315532800}"
export TZ=UTC
# Without a role the wrappers ignore the NIX_* variables, as in nixpkgs.
export NIX_CC_WRAPPER_TARGET_HOST_x86_64_unknown_linux_gnu=1
export NIX_BINTOOLS_WRAPPER_TARGET_HOST_x86_64_unknown_linux_gnu=1
export NIX_ENFORCE_NO_NATIVE="${NIX_ENFORCE_NO_NATIVE-1}"

addInputs() {
  local input
  for input in "$@"; do
    if [ -d "$input/bin" ]; then PATH="$input/bin:$PATH"; fi
    if [ -d "$input/include" ]; then
      export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE:-} -isystem $input/include"
    fi
    if [ -d "$input/lib" ]; then export NIX_LDFLAGS="${NIX_LDFLAGS:-} -L$input/lib"; fi
  done
}
# Lists are strings without structured attributes and arrays with them; both are split here.
# shellcheck disable=SC2068
addInputs ${buildInputs[@]:-} ${nativeBuildInputs[@]:-}

# append ARRAY NAME…: append the words of each variable to ARRAY. A list is a string without structured attributes,
# split at blanks, and an array with them, whose elements may have blanks, as in nixpkgs.
append() {
  local -n appendTo=$1
  shift
  local name
  for name in "$@"; do
    if [[ "$(declare -p "$name" 2>/dev/null)" == "declare -a"* ]]; then
      local -n appendFrom=$name
      appendTo+=("${appendFrom[@]}")
    else
      # shellcheck disable=SC2206
      appendTo+=(${!name:-})
    fi
  done
}

runHook() {
  local hook=$1
  if declare -F "$hook" >/dev/null; then
    "$hook"
  elif [ -n "${!hook:-}" ]; then
    eval "${!hook}"
  fi
}

# A phase is the package's own text if it has one, else the function of this file.
runPhase() {
  local phase=$1
  echo "@nix { \"action\": \"setPhase\", \"phase\": \"$phase\" }" >&"${NIX_LOG_FD:-2}"
  echo "Running phase: $phase"
  if [ -n "${!phase:-}" ]; then
    eval "${!phase}"
  else
    "$phase"
  fi
}

unpackPhase() {
  runHook preUnpack
  if [ -z "${src:-}" ]; then
    echo "variable \$src should point to the source" >&2
    exit 1
  fi
  local before candidate
  before=$(ls -A)
  # The store's hash part is not a part of the file's name.
  local file=${src##*/}
  case "${file#*-}" in
    *.whl | *.zip) unzip -q "$src" ;;
    *)
      if [ -d "$src" ]; then
        cp -r "$src" source
      else
        tar -xf "$src"
      fi
      ;;
  esac
  if [ -z "${sourceRoot:-}" ]; then
    for candidate in *; do
      if [ ! -d "$candidate" ] || grep -qxF -- "$candidate" <<<"$before"; then continue; fi
      if [ -n "${sourceRoot:-}" ]; then
        echo "unpacker produced multiple directories" >&2
        exit 1
      fi
      sourceRoot=$candidate
    done
  fi
  if [ -z "${sourceRoot:-}" ]; then
    echo "unpacker appears to have produced no directories" >&2
    exit 1
  fi
  chmod -R u+w -- "$sourceRoot"
  runHook postUnpack
}

patchPhase() {
  runHook prePatch
  local file
  # shellcheck disable=SC2068
  for file in ${patches[@]:-}; do
    echo "applying patch $file"
    patch -p1 <"$file"
  done
  runHook postPatch
}

configurePhase() {
  runHook preConfigure
  if [ -x ./configure ]; then
    local -a flagsArray=(--prefix="$out")
    append flagsArray configureFlags configureFlagsArray
    ./configure "${flagsArray[@]}"
  fi
  runHook postConfigure
}

declare -a configureFlagsArray=() makeFlagsArray=()

buildPhase() {
  runHook preBuild
  # As in nixpkgs, parallel only where the package says that it can.
  local -a flagsArray=()
  if [ -n "${enableParallelBuilding:-}" ]; then flagsArray=(-j"$NIX_BUILD_CORES"); fi
  append flagsArray makeFlags makeFlagsArray buildFlags
  make "${flagsArray[@]}"
  runHook postBuild
}

checkPhase() {
  runHook preCheck
  local -a flagsArray=()
  append flagsArray makeFlags makeFlagsArray
  make "${flagsArray[@]}" "${checkTarget:-check}"
  runHook postCheck
}

installPhase() {
  runHook preInstall
  local -a flagsArray=()
  append flagsArray makeFlags makeFlagsArray installFlags
  make "${flagsArray[@]}" install
  runHook postInstall
}

fixupPhase() {
  runHook preFixup
  if [ -z "${dontStrip:-}" ]; then
    # Debugging information only, as nixpkgs does: symbols stay.
    find "$out" -type f \( -perm -u+x -o -name '*.so*' -o -name '*.a' \) -print0 |
      while IFS= read -r -d '' file; do
        strip -S -p "$file" 2>/dev/null || true
      done
  fi
  runHook postFixup
}

genericBuild() {
  export NIX_BUILD_CORES="${NIX_BUILD_CORES:-1}"
  if [ "$NIX_BUILD_CORES" -le 0 ]; then NIX_BUILD_CORES=$(nproc); fi
  local phase without
  for phase in unpackPhase patchPhase configurePhase buildPhase checkPhase installPhase fixupPhase; do
    # dontUnpack, dontPatch, …; tests run only where they are asked for.
    without=${phase%Phase}
    without=dont${without^}
    if [ -n "${!without:-}" ]; then continue; fi
    if [ "$phase" = checkPhase ] && [ -z "${doCheck:-}" ]; then continue; fi
    runPhase "$phase"
    if [ "$phase" = unpackPhase ]; then cd "${sourceRoot:-.}"; fi
  done
}
