# Until 25.11: variables at the top level, no structured attributes, `nodejs_24` compiled for itself.
final:
let
  go =
    version:
    final.callPackage ./go.nix {
      inherit version;
      structured = false;
    };
  goModule = go: final.callPackage ./go-module.nix { inherit go; };
in
{
  go_1_24 = go "1.24.11";
  go_1_25 = go "1.25.5";
  go = final.go_1_24;
  buildGo124Module = goModule final.go_1_24;
  buildGo125Module = goModule final.go_1_25;
  buildGoModule = final.buildGo124Module;

  python313 = final.callPackage ./python.nix {
    self = final.python313;
    structured = false;
  };

  nodejs_24 = final.callPackage ./nodejs.nix { structured = false; };
  nodejs-slim_24 = final.callPackage ./nodejs.nix {
    structured = false;
    enableNpm = false;
  };

  rust_1_91 = import ./rust.nix {
    packages = final;
    structured = false;
  };
}
