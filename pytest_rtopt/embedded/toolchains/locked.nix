# What the lock file of a toolchain pins, as files that must be in the store.
{ name, system }:
let
  lock = builtins.fromJSON (builtins.readFile (./. + "/${name}.json"));
  requireFile = import ../require-file.nix { inherit system; };
  files = map (
    package:
    requireFile {
      name = package.file;
      inherit (package) sha256;
    }
  );
in
{
  packages = files lock.packages;
  rust = files lock.rust;
  # Statically linked: it unpacks the packages where nothing else is there.
  busybox = requireFile {
    name = "busybox";
    inherit (lock.busybox) sha256;
    recursive = true;
  };
}
