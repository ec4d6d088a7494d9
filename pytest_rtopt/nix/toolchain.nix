# The store paths of a toolchain of the embedded set, of its rustc and cargo, and of the program that unpacks it.
{ toolchains, name }:
let
  toolchain = import toolchains { inherit name; };
in
builtins.mapAttrs (_: path: builtins.unsafeDiscardStringContext path) {
  out = toolchain.outPath;
  rust = (import (toolchains + "/rust.nix") { inherit name; }).outPath;
  busybox = builtins.dirOf toolchain.busybox;
}
