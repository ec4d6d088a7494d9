# The start of every build: structured attributes, the set-up, and then the package's own builder.
if [ -f .attrs.sh ] && [ ! -e "${NIX_ATTRS_SH_FILE:-}" ]; then
  # Nix to 2.8 names the file by its path outside of the sandbox.
  NIX_ATTRS_SH_FILE=$PWD/.attrs.sh
fi
if [ -e "${NIX_ATTRS_SH_FILE:-}" ]; then source "$NIX_ATTRS_SH_FILE"; fi
source "$stdenv/setup"
source "$1"
