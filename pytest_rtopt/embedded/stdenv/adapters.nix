# Functions from a standard environment to one that behaves otherwise, with nixpkgs' names.
let
  # The packages that the environment makes, as `overrideAttrs change` has them.
  overriding =
    change: stdenv:
    stdenv.override (old: {
      mkDerivationFromStdenv =
        final: attrs: (old.mkDerivationFromStdenv final attrs).overrideAttrs change;
    });
  appended =
    attrs: name: words:
    toString (attrs.env.${name} or "") + " ${toString words}";
  # Unlike nixpkgs to 25.11, which sets this variable beside `env`, and fails where a package has it there.
  linkedWith =
    flag:
    overriding (attrs: {
      env = (attrs.env or { }) // {
        NIX_CFLAGS_LINK = appended attrs "NIX_CFLAGS_LINK" flag;
      };
    });
in
rec {
  overrideCC =
    stdenv: cc:
    stdenv.override {
      allowedRequisites = null;
      inherit cc;
      hasCC = cc != null;
    };

  overrideInStdenv =
    stdenv: packages:
    stdenv.override (old: {
      allowedRequisites = null;
      extraBuildInputs = (old.extraBuildInputs or [ ]) ++ packages;
    });

  overrideSetup = stdenv: setupScript: stdenv.override { inherit setupScript; };

  addAttrsToDerivation = attrs: overriding (_: attrs);

  withCFlags =
    flags:
    overriding (attrs: {
      env = (attrs.env or { }) // {
        NIX_CFLAGS_COMPILE = appended attrs "NIX_CFLAGS_COMPILE" flags;
      };
    });

  impureUseNativeOptimizations = overriding (attrs: {
    env = (attrs.env or { }) // {
      NIX_CFLAGS_COMPILE = appended attrs "NIX_CFLAGS_COMPILE" "-march=native";
    };
    NIX_ENFORCE_NO_NATIVE = false;
    preferLocalBuild = true;
    allowSubstitutes = false;
  });

  keepDebugInfo = overriding (attrs: {
    dontStrip = true;
    env = (attrs.env or { }) // {
      NIX_CFLAGS_COMPILE = appended attrs "NIX_CFLAGS_COMPILE" "-ggdb -Og";
      NIX_RUSTFLAGS = appended attrs "NIX_RUSTFLAGS" "-g -C opt-level=0 -C strip=none";
    };
  });

  # The linkers are the host's, where it has them.
  useGoldLinker = linkedWith "-fuse-ld=gold";
  useMoldLinker = linkedWith "-fuse-ld=mold";

  makeStaticLibraries = overriding (attrs: {
    dontDisableStatic = true;
    configureFlags = (attrs.configureFlags or [ ]) ++ [
      "--enable-static"
      "--disable-shared"
    ];
  });

  propagateBuildInputs = overriding (attrs: {
    propagatedBuildInputs = (attrs.propagatedBuildInputs or [ ]) ++ (attrs.buildInputs or [ ]);
    buildInputs = [ ];
  });

  withDefaultHardeningFlags =
    defaultHardeningFlags: stdenv:
    stdenv.override (old: {
      cc =
        if old.cc == null then
          null
        else
          old.cc.override { bintools = old.cc.bintools.override { inherit defaultHardeningFlags; }; };
    });
}
