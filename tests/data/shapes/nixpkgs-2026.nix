# Of 2026: every variable in `env`, structured attributes, Go 1.24 removed, `nodejs_24` a join over `nodejs-slim_24`.
final:
let
  go =
    version:
    final.callPackage ./go.nix {
      inherit version;
      structured = true;
    };
  goModule = go: final.callPackage ./go-module.nix { inherit go; };
in
{
  go_1_24 = throw "go_1_24 has been removed, as it is end-of-life";
  go_1_25 = go "1.25.9";
  go_1_26 = go "1.26.2";
  go = final.go_1_26;
  buildGo125Module = goModule final.go_1_25;
  buildGo126Module = goModule final.go_1_26;
  buildGoModule = final.buildGo126Module;

  python313 = final.callPackage ./python.nix {
    self = final.python313;
    structured = true;
  };

  nodejs-slim_24 = final.callPackage ./nodejs.nix {
    structured = true;
    enableNpm = false;
  };
  nodejs_24 = final.callPackage ./nodejs-join.nix { nodejs-slim = final.nodejs-slim_24; };

  rust_1_91 = import ./rust.nix {
    packages = final;
    structured = true;
  };
}
