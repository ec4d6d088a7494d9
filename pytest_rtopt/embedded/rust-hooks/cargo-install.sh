# Setup hook: the programs and libraries that cargo built. They are noted at the end of the build, since a check phase
# puts others beside them.
cargoInstallPostBuildHook() {
  echo "Executing cargoInstallPostBuildHook"
  local releaseDir=target/@targetSubdirectory@/$cargoBuildType
  tmpDir=$releaseDir-tmp
  mkdir -p "$tmpDir"
  cp -r "$releaseDir"/* "$tmpDir/"
  mapfile -d '' -t bins < <(
    find "$tmpDir" -maxdepth 1 -type f -executable ! -regex '.*\.\(so.[0-9.]+\|so\|a\|dylib\)' -print0
  )
  echo "Finished cargoInstallPostBuildHook"
}

cargoInstallHook() {
  echo "Executing cargoInstallHook"
  runHook preInstall
  mkdir -p "$out/bin" "$out/lib"
  if ((${#bins[@]})); then cp -t "$out/bin" "${bins[@]}"; fi
  find "$tmpDir" -maxdepth 1 -regex '.*\.\(so.[0-9.]+\|so\|a\|dylib\)' -print0 | xargs -r -0 cp -t "$out/lib"
  rmdir --ignore-fail-on-non-empty "$out/lib" "$out/bin"
  runHook postInstall
  echo "Finished cargoInstallHook"
}

if [[ -z ${dontCargoInstall-} && -z ${installPhase-} ]]; then
  installPhase=cargoInstallHook
  postBuildHooks+=(cargoInstallPostBuildHook)
fi
