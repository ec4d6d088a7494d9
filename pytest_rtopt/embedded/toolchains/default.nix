# A toolchain from the packages of a Debian release: compilers, linkers, libc, libraries and the tools of builds in one
# store path. Its programs need no file outside of it, and neither do those that it builds.
{
  name,
  system ? "x86_64-linux",
}:
let
  lock = builtins.fromJSON (builtins.readFile (./. + "/${name}.json"));
  requireFile = import ../require-file.nix { inherit system; };

  # Statically linked: it unpacks the others where nothing else is there.
  busybox = requireFile {
    name = "busybox";
    inherit (lock.busybox) sha256;
    recursive = true;
  };
in
derivation {
  name = "toolchain-${name}";
  inherit system;
  busybox = "${busybox}/busybox";
  packages = map (
    package:
    requireFile {
      name = package.file;
      inherit (package) sha256;
    }
  ) lock.packages;
  builder = "${busybox}/busybox";
  args = [
    "sh"
    ./unpack.sh
  ];
}
