# A toolchain from the packages of a Debian release: compilers, linkers, libc, libraries and the tools of builds in one
# store path. Its programs need no file outside of it, and neither do those that it builds.
{
  name,
  system ? "x86_64-linux",
}:
let
  locked = import ./locked.nix { inherit name system; };
in
derivation {
  name = "toolchain-${name}";
  inherit system;
  inherit (locked) packages;
  busybox = "${locked.busybox}/busybox";
  builder = "${locked.busybox}/busybox";
  args = [
    "sh"
    ./unpack.sh
  ];
}
