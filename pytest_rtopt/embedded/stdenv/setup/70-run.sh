# Running the phases.

showPhaseHeader() {
  echo "Running phase: $1"
  echo "@nix { \"action\": \"setPhase\", \"phase\": \"$1\" }" >&"${NIX_LOG_FD:-2}"
}

# A phase is the package's own text if it has one, else the function of this name.
runPhase() {
  local curPhase=$*
  case "$curPhase" in
    unpackPhase) if [[ -n ${dontUnpack-} ]]; then return; fi ;;
    patchPhase) if [[ -n ${dontPatch-} ]]; then return; fi ;;
    configurePhase) if [[ -n ${dontConfigure-} ]]; then return; fi ;;
    buildPhase) if [[ -n ${dontBuild-} ]]; then return; fi ;;
    checkPhase) if [[ -z ${doCheck-} ]]; then return; fi ;;
    installPhase) if [[ -n ${dontInstall-} ]]; then return; fi ;;
    fixupPhase) if [[ -n ${dontFixup-} ]]; then return; fi ;;
    installCheckPhase) if [[ -z ${doInstallCheck-} ]]; then return; fi ;;
  esac
  showPhaseHeader "$curPhase"
  eval "${!curPhase:-$curPhase}"
  if [[ $curPhase == unpackPhase ]]; then
    if [[ -n ${sourceRoot-} ]]; then chmod +x -- "$sourceRoot"; fi
    cd -- "${sourceRoot:-.}"
  fi
}

definePhases() {
  if [[ -z ${phases[*]-} ]]; then
    phases="${prePhases[*]-} unpackPhase patchPhase ${preConfigurePhases[*]-} configurePhase ${preBuildPhases[*]-} \
      buildPhase checkPhase ${preInstallPhases[*]-} installPhase ${preFixupPhases[*]-} fixupPhase installCheckPhase \
      ${postPhases[*]-}"
  fi
}

genericBuild() {
  export GZIP_NO_TIMESTAMPS=1
  if [[ -f ${buildCommandPath-} ]]; then
    source "$buildCommandPath"
    return
  fi
  if [[ -n ${buildCommand-} ]]; then
    eval "$buildCommand"
    return
  fi
  definePhases
  local curPhase
  for curPhase in ${phases[*]}; do runPhase "$curPhase"; done
}

runHook postHook
runHook userHook

if [[ $__builder_options != *e* ]]; then set +e; fi
if [[ $__builder_options != *u* ]]; then set +u; fi
unset -v __builder_options
