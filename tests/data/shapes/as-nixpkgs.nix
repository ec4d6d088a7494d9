# One of the shapes as a file that is imported like nixpkgs, with what a home and its module use of it besides.
{ embedded, shape }:
builtins.toFile "nixpkgs.nix" ''
  {
    config ? { },
    overlays ? [ ],
    system ? "x86_64-linux",
  }:
  import ${toString ./.} {
    embedded = "${embedded}";
    shape = "${shape}";
    inherit system;
    overlays = [
      (final: _prev: {
        inherit config;
        path = /. + __curPos.file;
        lua5_4 = final.stdenv.mkDerivation {
          pname = "lua";
          version = "5.4.7";
        };
        mkShell = arguments: arguments;
      })
    ]
    ++ overlays;
  }
''
