# As much of nixpkgs as the sides of a comparison need: a platform and a configuration that every package shows.
{
  overlays ? [ ],
  config ? { },
  system ? null,
  localSystem ? { inherit system; },
}:
let
  plainStdenv = {
    hostPlatform = localSystem;
    flags = "-march=${localSystem.gcc.arch or "x86-64"}";
  };
  packages = final: {
    inherit overlays config;
    path = ./.;
    stdenv =
      if config ? replaceStdenv then config.replaceStdenv { pkgs.stdenv = plainStdenv; } else plainStdenv;
    lua5_4 =
      derivation {
        name = "lua";
        system = "x86_64-linux";
        builder = "/bin/sh";
        NIX_CFLAGS_BEFORE = final.stdenv.flags;
      }
      // {
        version = "1";
      };
  };
  ofConfig = _: prev: (config.packageOverrides or (_: { })) prev;
  extend =
    set: overlay: final:
    let
      prev = set final;
    in
    prev // overlay final prev;
  fix =
    f:
    let
      x = f x;
    in
    x;
in
fix (builtins.foldl' extend packages ([ ofConfig ] ++ overlays))
