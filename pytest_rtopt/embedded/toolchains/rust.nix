# rustc, cargo and the standard library from the packages of the Debian release that a toolchain comes from, in a store
# path of their own: only what is built with them needs them.
{
  name,
  system ? "x86_64-linux",
}:
let
  toolchain = import ./. { inherit name system; };
in
derivation {
  name = "rust-${name}";
  inherit system toolchain;
  packages = (import ./locked.nix { inherit name system; }).rust;
  PATH = "${toolchain}/usr/bin";
  builder = "${toolchain}/bin/bash";
  args = [ ./unpack-rust.sh ];
}
