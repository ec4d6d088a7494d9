# Writes what builds source first: what this environment adds, and the common files.
mkdir -p "$out"
{
  printf 'export SHELL=%q\nshell=%q\ninitialPath=%q\n' "$shell" "$shell" "$initialPath"
  printf 'defaultNativeBuildInputs=%q\ndefaultBuildInputs=%q\npreHook=%q\n' \
    "$defaultNativeBuildInputs" "$defaultBuildInputs" "${preHook-}"
  if [ -d "$setup" ]; then cat "$setup"/*.sh; else cat "$setup"; fi
} >"$out/setup"
