# Tiny packages of the embedded set, each about one property of its stdenv.
{ embedded }:
let
  packages = import embedded { compiler = "test"; };
  inherit (packages) lib stdenv;
  base = {
    name = "tiny";
    dontUnpack = true;
    dontBuild = true;
  };
  show = ''
    /usr/bin/env >$out
    declare -p makeFlags >>$out 2>/dev/null || true
  '';
in
{
  inherit (stdenv) cc;

  # What a compiler would see
  plain = stdenv.mkDerivation (
    base
    // {
      installPhase = show;
      GOAMD64 = "v3";
      env.FROM_ENV = "yes";
      env.TRUE = true;
      env.FALSE = false;
    }
  );
  structured = stdenv.mkDerivation (
    base
    // {
      __structuredAttrs = true;
      installPhase = show;
      GOAMD64 = "v3";
      env.FROM_ENV = "yes";
      env.TRUE = true;
      env.FALSE = false;
      makeFlags = [ ];
      hardeningDisable = [
        "pic"
        "format"
      ];
    }
  );

  # Words with blanks survive in lists of structured attributes and nowhere else.
  words =
    structured:
    stdenv.mkDerivation {
      name = "words";
      __structuredAttrs = structured;
      src = ./make;
      makeFlags = [
        "FLAGS=-O2 -k"
        "OUT=${placeholder "out"}/text"
      ];
      buildFlags = [ ];
      checkPhase = "echo tests were run; exit 1";
      preInstall = "makeFlagsArray+=('LATE=a b')";
    };

  unpacked = stdenv.mkDerivation {
    name = "unpacked";
    src = builtins.toFile "plain.txt" "no archive";
  };
  sourceless = stdenv.mkDerivation { name = "sourceless"; };

  messages = {
    overlap =
      (stdenv.mkDerivation (
        base
        // {
          A = "1";
          env.A = "2";
        }
      )).drvPath;
    list = (stdenv.mkDerivation (base // { env.FLAGS = [ "-O3" ]; })).drvPath;
  };

  # override and overrideAttrs, in both orders; and the final attributes
  composition =
    let
      package = lib.makeOverridable (
        {
          level ? "1",
        }:
        stdenv.mkDerivation (final: {
          pname = "composed";
          version = "1.${level}";
          env.LEVEL = level;
          env.SEEN = final.env.EXTRA or "none";
          passthru.seen = final.version;
        })
      ) { };
      extra = old: {
        env = old.env // {
          EXTRA = "extra";
        };
      };
      facts = p: [
        p.name
        p.version
        p.seen
        p.LEVEL
        p.SEEN
        (p.EXTRA or "none")
      ];
    in
    {
      plain = facts package;
      attrsFirst = facts ((package.overrideAttrs extra).override { level = "2"; });
      argumentsFirst = facts ((package.override { level = "2"; }).overrideAttrs extra);
      twice = facts (
        ((package.overrideAttrs extra).override (_old: {
          level = "3";
        })).overrideAttrs
          (_final: _prev: { version = "9"; })
      );
      set = facts (package.overrideAttrs { version = "8"; });
    };

  # Each overlay sees what those before it made, and everything what the last one makes.
  fixpoint =
    let
      overlaid = import embedded {
        compiler = "test";
        overlays = [
          (_final: prev: {
            go_1_24 = prev.go_1_24.overrideAttrs (_: {
              version = "1.24.99";
            });
          })
          (final: prev: {
            seenBefore = prev.go_1_24.version;
            seenAfter = final.lua5_4.version;
          })
          (_final: prev: {
            lua5_4 = prev.lua5_4.overrideAttrs (_: {
              version = "5.4.99";
            });
          })
        ];
      };
    in
    {
      inherit (overlaid) seenBefore seenAfter;
      go = overlaid.go.version;
      module = overlaid.buildGoModule.override or null != null;
      programs =
        (overlaid.buildGoModule {
          pname = "p";
          version = "1";
          src = ./make;
        }).go.version;
      emptyIsIdentity =
        (import embedded {
          compiler = "test";
          overlays = [ (_: _: { }) ];
        }).go_1_24.drvPath == packages.go_1_24.drvPath;
    };
}
