# The builder of every derivation of the embedded set.
if [ -f .attrs.sh ] && [ ! -e "${NIX_ATTRS_SH_FILE:-}" ]; then
  # Nix to 2.8 names the file by its path outside of the sandbox.
  NIX_ATTRS_SH_FILE=$PWD/.attrs.sh
fi
if [ -n "${NIX_ATTRS_SH_FILE:-}" ]; then
  # Structured attributes: Nix exports nothing itself. As in nixpkgs, only the outputs and `env` are exported;
  # every other attribute is a shell variable that no compiler sees.
  source "$NIX_ATTRS_SH_FILE"
  for output in "${!outputs[@]}"; do
    declare -x "$output=${outputs[$output]}"
  done
  for name in "${!env[@]}"; do
    declare -x "$name=${env[$name]}"
  done
fi
source "$stdenv"
genericBuild
