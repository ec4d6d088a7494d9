# What the modules of home-manager and NixOS share: options, overlay and the command of the gate.
{
  config,
  lib,
  pkgs,
}:
let
  cfg = config.programs.rtopt;
  known = import ../overlays/runtimes.nix;
  inherit (lib) mkOption types;

  given = if builtins.isAttrs cfg.profile then cfg.profile else import cfg.profile;
  asked = lib.filterAttrs (_: value: value != null) cfg.policy;
  profile = given // {
    gate = (given.gate or { }) // asked;
  };

  # Without overlays: what judges must not run on what it judges.
  plain = import pkgs.path {
    inherit (pkgs) config;
    inherit (pkgs.stdenv.hostPlatform) system;
    overlays = [ ];
  };

  manifest = builtins.toFile "rtopt-manifest.json" (
    builtins.toJSON (
      import ../overlays/manifest.nix {
        inherit pkgs profile;
        inherit (cfg) runtimes;
      }
    )
  );

  # A ledger that is not there is no error of evaluation: the gate refuses with the remedy.
  ledger = if builtins.pathExists cfg.ledger then "${cfg.ledger}" else toString cfg.ledger;
  arguments = [
    "--rtopt-manifest=${manifest}"
    "--rtopt-ledger=${ledger}"
  ]
  ++ map (name: "--rtopt-runtime=${name}") cfg.runtimes
  ++ lib.optional (cfg.ledgerKey != null) "--rtopt-ledger-key=${cfg.ledgerKey}";
in
{
  options = {
    enable = lib.mkEnableOption "runtimes that are optimized for this machine's CPU, and the gate before each switch";

    profile = mkOption {
      type = types.either types.path types.attrs;
      example = lib.literalExpression "./profiles/hardware/me.nix";
      description = "The hardware profile, or the file that holds it.";
    };

    ledger = mkOption {
      type = types.path;
      example = lib.literalExpression "./rtopt.lock.json";
      description = "The remembered verdicts, which runs of the suites write.";
    };

    ledgerKey = mkOption {
      type = types.nullOr types.path;
      default = null;
      description = "Public keys, one of which each block of the ledger must be signed with.";
    };

    policy = {
      require = mkOption {
        type = types.nullOr (
          types.enum [
            "adopt"
            "no-regression"
            "verified"
          ]
        );
        default = null;
        description = "What a runtime must be to be installed; null leaves that to the profile.";
      };
      stale = mkOption {
        type = types.nullOr (
          types.enum [
            "fail"
            "warn"
          ]
        );
        default = null;
        description = "What becomes of a runtime that is not the one that was judged; null leaves that to the profile.";
      };
      runtimes = mkOption {
        type = types.nullOr (types.listOf (types.enum (builtins.attrNames known)));
        default = null;
        description = "Runtimes that must be optimized and not left to stock; null leaves that to the profile.";
      };
    };

    runtimes = mkOption {
      type = types.nonEmptyListOf (types.enum (builtins.attrNames known));
      default = builtins.attrNames known;
      defaultText = lib.literalMD "all";
      description = "The runtimes that are optimized where the ledger knows them as good.";
    };

    package = mkOption {
      type = types.package;
      default = plain.python3Packages.callPackage ../nix/package.nix { };
      defaultText = lib.literalMD "pytest-rtopt, with the package set's own Python";
      description = "What provides `rtopt-gate`.";
    };
  };

  overlay = import ../overlays {
    inherit profile;
    inherit (cfg) ledger runtimes;
    judgedOnly = true;
  };

  # A check alone, so that it also runs in a dry run, where the bypass would be written down and is only told.
  check = ''
    if [[ -v DRY_RUN && "''${RTOPT_GATE:-}" == skip ]]; then
      echo "rtopt: the gate would be bypassed, and that be written down; this is a dry run"
    elif ! ${cfg.package}/bin/rtopt-gate ${lib.escapeShellArgs arguments}; then
      echo "rtopt: the gate refuses this switch, and nothing was changed" >&2
      exit 1
    fi
  '';
}
