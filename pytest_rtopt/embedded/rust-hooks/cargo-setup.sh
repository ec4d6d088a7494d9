# Setup hook: crates from the vendored directory, and the linker and flags of the target in cargo's configuration,
# before which `build.rustflags` and CARGO_BUILD_RUSTFLAGS count for nothing.
cargoSetupPostUnpackHook() {
  echo "Executing cargoSetupPostUnpackHook"
  eval "${cargoDepsHook-}"
  if [[ -z ${cargoVendorDir-} ]]; then
    cp -Lr --reflink=auto -- "$cargoDeps" "$(stripHash "$cargoDeps")"
    chmod -R +644 -- "$(stripHash "$cargoDeps")"
    cargoDepsCopy=$(realpath "$(stripHash "$cargoDeps")")
  else
    cargoDepsCopy=$(realpath "$(pwd)/$sourceRoot/${cargoRoot:+$cargoRoot/}$cargoVendorDir")
  fi
  export cargoDepsCopy

  # Beside the source and not in it: a configuration that the source brings comes before.
  mkdir -p .cargo
  local config=$cargoDepsCopy/.cargo/config.toml
  if [[ ! -e $config ]]; then config=@defaultConfig@; fi
  substitute "$config" "$NIX_BUILD_TOP/.cargo-config" --subst-var-by vendor "$cargoDepsCopy"
  cat "$NIX_BUILD_TOP/.cargo-config" >>.cargo/config.toml
  cat >>.cargo/config.toml <<'CONFIGURATION'
@cargoConfig@
CONFIGURATION
  echo "Finished cargoSetupPostUnpackHook"
}

cargoSetupPostPatchHook() {
  echo "Executing cargoSetupPostPatchHook"
  local ours theirs
  ours=$(pwd)/${cargoRoot:+$cargoRoot/}Cargo.lock
  theirs=$cargoDepsCopy/Cargo.lock
  echo "Validating consistency between $ours and $theirs"
  if ! diff "$ours" "$theirs"; then
    echo
    echo "ERROR: Cargo.lock is not the same in $cargoDepsCopy"
    exit 1
  fi
  unset cargoDepsCopy
  echo "Finished cargoSetupPostPatchHook"
}

if [[ -z ${dontCargoSetupPostUnpack-} ]]; then postUnpackHooks+=(cargoSetupPostUnpackHook); fi
if [[ -z ${cargoVendorDir-} ]]; then postPatchHooks+=(cargoSetupPostPatchHook); fi
