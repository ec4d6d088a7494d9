# Setup hook: `cargo test` as the check phase.
cargoCheckHook() {
  echo "Executing cargoCheckHook"
  runHook preCheck
  if [[ -n ${buildAndTestSubdir-} ]]; then pushd "$buildAndTestSubdir"; fi
  local -a flagsArray=(-j "$NIX_BUILD_CORES")
  export RUST_TEST_THREADS=$NIX_BUILD_CORES
  if [[ -n ${dontUseCargoParallelTests-} ]]; then RUST_TEST_THREADS=1; fi
  if [[ $cargoCheckType != debug ]]; then flagsArray+=(--profile "$cargoCheckType"); fi
  if [[ -n ${cargoCheckNoDefaultFeatures-} ]]; then flagsArray+=(--no-default-features); fi
  if [[ -n ${cargoCheckFeatures[*]-} ]]; then
    flagsArray+=("--features=$(concatStringsSep , cargoCheckFeatures)")
  fi
  flagsArray+=(--target @rustcTargetSpec@ --offline)
  prependToVar checkFlags --
  concatTo flagsArray cargoTestFlags checkFlags checkFlagsArray
  echoCmd 'cargoCheckHook flags' "${flagsArray[@]}"
  env @setEnv@ cargo test "${flagsArray[@]}"
  if [[ -n ${buildAndTestSubdir-} ]]; then popd; fi
  echo "Finished cargoCheckHook"
  runHook postCheck
}
if [[ -z ${dontCargoCheck-} && -z ${checkPhase-} ]]; then checkPhase=cargoCheckHook; fi
