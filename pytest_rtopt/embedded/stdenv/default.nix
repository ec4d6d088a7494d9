{
  lib,
  system,
  compiler,
}:
let
  # `env --default-signal`: CPython's training and other test suites fail where SIGINT is ignored, as it is in the
  # background jobs of some shells.
  runBash = script: {
    builder = "/usr/bin/env";
    args = [
      "--default-signal"
      "/bin/bash"
      "-e"
      script
    ];
  };

  # What nixpkgs' stdenv hardens by default, as far as the host's GCC knows it.
  defaultHardening = [
    "bindnow"
    "format"
    "fortify"
    "pic"
    "relro"
    "stackclashprotection"
    "stackprotector"
    "strictoverflow"
    "zerocallusedregs"
  ];

  platform = {
    inherit system;
    config = "x86_64-unknown-linux-gnu";
    isLinux = true;
    isDarwin = false;
    isx86_64 = true;
    is64bit = true;
    parsed.cpu.name = "x86_64";
    go = {
      GOOS = "linux";
      GOARCH = "amd64";
    };
  };

  cc =
    derivation (
      {
        name = "cc-wrapper";
        inherit system compiler;
        PATH = "/usr/bin:/bin";
        ccWrapper = ./cc-wrapper.sh;
        ldWrapper = ./ld-wrapper.sh;
        common = ./wrapper-common.sh;
      }
      // runBash ./install-wrappers.sh
    )
    // {
      isGNU = lib.hasPrefix "gcc " compiler;
      isClang = false;
      # The version ends the line that the compiler introduces itself with.
      version = lib.last (lib.splitString " " compiler);
    };

  exportable =
    value:
    builtins.isString value || builtins.isInt value || builtins.isBool value || lib.isAttrs value;

  # One derivation from the attributes that a package function gave.
  instantiate =
    attrs:
    let
      env = attrs.env or { };
      plain = removeAttrs attrs [
        "env"
        "meta"
        "passthru"
        "hardeningDisable"
        "hardeningEnable"
      ];
      overlap = lib.filter (name: plain ? ${name}) (lib.attrNames env);
      unexportable = lib.filter (name: !exportable env.${name}) (lib.attrNames env);
      structured = attrs.__structuredAttrs or false;
      disabled = attrs.hardeningDisable or [ ];
      hardening =
        if lib.elem "all" disabled then
          [ ]
        else
          lib.unique (lib.subtractLists disabled (defaultHardening ++ attrs.hardeningEnable or [ ]));
    in
    assert lib.assertMsg (overlap == [ ])
      "The `env` attribute set cannot contain any attributes passed to derivation. The following attributes are overlapping: ${lib.concatStringsSep ", " overlap}";
    assert lib.assertMsg (unexportable == [ ])
      "The `env` attribute set can only contain derivation, string, boolean or integer attributes. These are not: ${lib.concatStringsSep ", " unexportable}";
    derivation (
      {
        inherit system;
        name = attrs.name or "${attrs.pname}-${attrs.version}";
        stdenv = ./setup.sh;
        hostCompiler = compiler;
        nativeBuildInputs = [ ];
        buildInputs = [ ];
        outputs = [ "out" ];
      }
      // runBash ./builder.sh
      // plain
      // {
        nativeBuildInputs = attrs.nativeBuildInputs or [ ] ++ [ cc ];
        NIX_HARDENING_ENABLE = lib.concatStringsSep " " hardening;
      }
      // env
      // lib.optionalAttrs structured {
        env = env // {
          NIX_HARDENING_ENABLE = lib.concatStringsSep " " hardening;
        };
      }
    );

  # `attrsOf` takes the final attributes, as in `mkDerivation (finalAttrs: …)`.
  extensible =
    attrsOf:
    let
      attrs = attrsOf (attrs // { finalPackage = package; });
      overrideAttrs =
        change:
        extensible (
          final:
          let
            previous = attrsOf final;
            once = if lib.isFunction change then change previous else change;
          in
          previous // (if lib.isFunction once then change final previous else once)
        );
      passthru = attrs.passthru or { };
      drv = instantiate attrs;
      package =
        drv
        // {
          inherit overrideAttrs passthru;
          inherit (attrs) version;
          pname = attrs.pname or attrs.name;
          meta = attrs.meta or { };
          drvAttrs = attrs;
        }
        // passthru;
    in
    package;
in
{
  inherit cc;
  hostPlatform = platform;
  buildPlatform = platform;
  targetPlatform = platform;
  shell = "/bin/bash";
  mkDerivation = attrs: extensible (if lib.isFunction attrs then attrs else _: attrs);
}
