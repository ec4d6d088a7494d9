# Inputs: their programs in PATH, their headers and libraries in the variables of the wrappers, and their setup hooks.
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-315532800}"
export TZ=UTC
shopt -s nullglob

addToSearchPathWithCustomDelimiter() {
  local delimiter=$1 variable=$2 directory=$3
  if [[ -d $directory && "$delimiter${!variable-}$delimiter" != *"$delimiter$directory$delimiter"* ]]; then
    export "$variable=${!variable:+${!variable}$delimiter}$directory"
  fi
}
addToSearchPath() { addToSearchPathWithCustomDelimiter ":" "$@"; }

# The tools are the host's.
PATH=
for __directory in $initialPath; do addToSearchPath PATH "${__directory%/}/bin"; done
unset -v __directory
export PATH
HOST_PATH=$PATH

BASH=$SHELL
export CONFIG_SHELL="$SHELL"
export shell

runHook preHook
runHook addInputsHook

# Hooks that are declared even where nobody adds one.
declare -a preFixupHooks=() fixupOutputHooks=() preConfigureHooks=() postFixupHooks=() postUnpackHooks=() postPatchHooks=()
declare -a postBuildHooks=() unpackCmdHooks=()

# Hooks for each input, by where it runs: what is for the machine that builds (-1) and what for the one that runs (0).
# Without cross compilation the two are one machine, so that without `strictDeps` every hook sees every input.
declare -a __buildHooks=() __hostHooks=() __buildInputs=() __hostInputs=()
addEnvHooks() {
  local offset=$1
  shift
  if ((offset < 0)); then __buildHooks+=("$@"); else __hostHooks+=("$@"); fi
}

# findInputs PACKAGE OFFSET: note a package and, before anything uses it, what it propagates.
findInputs() {
  local package=$1 offset=$2 propagated list=__hostInputs
  if ((offset < 0)); then list=__buildInputs; fi
  local -n seen=$list
  case " ${seen[*]-} " in *" $package "*) return 0 ;; esac
  seen+=("$package")
  if ! [[ -e $package ]]; then
    echo "build input $package does not exist" >&2
    exit 1
  fi
  # What a tool for the machine that builds would propagate for yet an earlier one is dropped, as in nixpkgs.
  if ((offset == 0)) && [[ -f $package/nix-support/propagated-native-build-inputs ]]; then
    for propagated in $(<"$package/nix-support/propagated-native-build-inputs"); do findInputs "$propagated" -1; done
  fi
  if [[ -f $package/nix-support/propagated-build-inputs ]]; then
    for propagated in $(<"$package/nix-support/propagated-build-inputs"); do findInputs "$propagated" "$offset"; done
  fi
}

# Lists are strings without structured attributes and arrays with them; paths have no blanks.
# shellcheck disable=SC2068
for __package in ${depsBuildBuild[@]-} ${nativeBuildInputs[@]-} ${propagatedNativeBuildInputs[@]-} ${depsBuildTarget[@]-}; do
  findInputs "$__package" -1
done
# shellcheck disable=SC2068
for __package in ${depsHostHost[@]-} ${buildInputs[@]-} ${propagatedBuildInputs[@]-} ${depsTargetTarget[@]-}; do
  findInputs "$__package" 0
done
for __package in $defaultNativeBuildInputs; do findInputs "$__package" -1; done
for __package in $defaultBuildInputs; do findInputs "$__package" 0; done

activatePackage() {
  local package=$1
  # What setup hooks go by, in nixpkgs' words.
  local -r hostOffset=$2 targetOffset=$(($2 + 1))
  if [[ -f $package ]]; then source "$package"; fi
  if [[ -z ${strictDeps-} ]] || ((hostOffset < 0)); then addToSearchPath _PATH "$package/bin"; fi
  if ((hostOffset == 0)); then addToSearchPath _HOST_PATH "$package/bin"; fi
  if [[ -f $package/nix-support/setup-hook ]]; then source "$package/nix-support/setup-hook"; fi
}
for __package in ${__buildInputs[@]+"${__buildInputs[@]}"}; do activatePackage "$__package" -1; done
for __package in ${__hostInputs[@]+"${__hostInputs[@]}"}; do activatePackage "$__package" 0; done

# Names that GCC makes up are the same in every build of one derivation.
__seed=${NIX_OUTPATH_USED_AS_RANDOM_SEED:-$out}
__seed=${__seed##*/}
export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE-} -frandom-seed=${__seed:0:10}"
unset -v __seed

__runEnvHooks() {
  local hook=$1 package
  shift
  for package in "$@"; do _eval "$hook" "$package"; done
}
if [[ -z ${strictDeps-} ]]; then
  for __hook in "${__buildHooks[@]}" "${__hostHooks[@]}"; do
    __runEnvHooks "$__hook" "${__buildInputs[@]}" "${__hostInputs[@]}"
  done
else
  for __hook in "${__buildHooks[@]}"; do __runEnvHooks "$__hook" "${__buildInputs[@]}"; done
  for __hook in "${__hostHooks[@]}"; do __runEnvHooks "$__hook" "${__hostInputs[@]}"; done
fi
unset -v __package __hook

PATH="${_PATH-}${_PATH:+:}$PATH"
HOST_PATH="${_HOST_PATH-}${_HOST_PATH:+:}$HOST_PATH"
unset -v _PATH _HOST_PATH

# What is linked finds the libraries of its own package.
if [[ ${NIX_NO_SELF_RPATH:-0} != 1 ]]; then export NIX_LDFLAGS="-rpath $out/lib ${NIX_LDFLAGS-}"; fi

prefix=${prefix:-$out}
NIX_BUILD_CORES="${NIX_BUILD_CORES:-1}"
if ((NIX_BUILD_CORES <= 0)); then NIX_BUILD_CORES=$(nproc); fi
export NIX_BUILD_CORES
