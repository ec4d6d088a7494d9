# What the modules of home-manager and NixOS share: the options, the overlay, and the check that asks the gate.
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

  # Not the default of the option: the packages depend on the overlay, and the overlay on the option.
  runtimes =
    if cfg.runtimes == null then
      builtins.filter (name: known.${name}.isIn plain) (builtins.attrNames known)
    else
      cfg.runtimes;

  described = import ../overlays/manifest.nix {
    inherit pkgs profile runtimes;
  };
  manifest = builtins.toFile "rtopt-manifest.json" (builtins.toJSON described);

  # A ledger that is not there is no error of evaluation: the gate refuses with the remedy.
  ledgerExists = builtins.pathExists cfg.ledger;
  ledger = if ledgerExists then "${cfg.ledger}" else toString cfg.ledger;
  # What lies in the store stays what the overlays were chosen by. Elsewhere the gate reads what is there by then.
  ledgerDigest =
    if ledgerExists && lib.hasPrefix "${builtins.storeDir}/" ledger then
      builtins.hashFile "sha256" cfg.ledger
    else
      null;

  arguments = [
    "--rtopt-manifest=${manifest}"
    "--rtopt-ledger=${ledger}"
  ]
  ++ map (name: "--rtopt-runtime=${name}") runtimes
  ++ lib.optional (cfg.ledgerKey != null) "--rtopt-ledger-key=${cfg.ledgerKey}";

  # The end of the line that proves the answer (pytest_rtopt/verdict/proof.py): what the gate has to have judged.
  judged = toString (
    map (name: "${name}=${described.runtimes.${name}.optimized.out}") (
      builtins.sort builtins.lessThan runtimes
    )
  );
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
      type = types.nullOr (types.nonEmptyListOf (types.enum (builtins.attrNames known)));
      default = null;
      description = "The runtimes that are optimized where the ledger knows them as good; null for all that the package set has.";
    };

    package = mkOption {
      type = types.package;
      default = plain.python3.withPackages (python: [ (python.callPackage ../nix/package.nix { }) ]);
      defaultText = lib.literalMD "the package set's own Python, without any overlay, with pytest-rtopt";
      description = "A Python environment that has pytest-rtopt. The check starts its `bin/python3`.";
    };
  };

  overlay = import ../overlays {
    inherit profile;
    inherit (cfg) ledger runtimes;
    judgedOnly = true;
  };

  # `dryRun` is a condition of the shell. A dry run asks the gate, too. There a bypass is told, and not written down.
  #
  # The gate gets an empty environment but for what is named here, and an isolated Python (-I). Its status alone is not
  # believed: the line that it prints has to hold this check's own number and what the evaluation found. What decides
  # are keywords and expansions of the shell, since a function that the environment exports can be called `exit`.
  check = dryRun: ''
    rtoptNonce=$(< /proc/sys/kernel/random/uuid)
    rtoptAllowed=
    if [[ ${dryRun} && "''${RTOPT_GATE-}" == skip ]]; then
      echo "rtopt: the gate would be bypassed, and that be written down; this is a dry run"
      rtoptAllowed=yes
    else
      rtoptProof=$(${plain.coreutils}/bin/env -i \
        ''${HOME+"HOME=$HOME"} ''${XDG_CACHE_HOME+"XDG_CACHE_HOME=$XDG_CACHE_HOME"} \
        ''${TERM+"TERM=$TERM"} ''${COLUMNS+"COLUMNS=$COLUMNS"} ''${NO_COLOR+"NO_COLOR=$NO_COLOR"} \
        ''${RTOPT_GATE+"RTOPT_GATE=$RTOPT_GATE"} ''${RTOPT_GATE_REASON+"RTOPT_GATE_REASON=$RTOPT_GATE_REASON"} \
        ${cfg.package}/bin/python3 -I -m pytest_rtopt.gate_command \
        --nonce="''${rtoptNonce:?rtopt: there is no random number}" \
        ${lib.escapeShellArgs arguments}) || rtoptProof=
      case "$rtoptProof" in
        "rtopt-gate/1 allowed $rtoptNonce ledger=sha256:"${
          if ledgerDigest == null then "*" else ledgerDigest
        }" ${judged}") rtoptAllowed=yes ;;
        "rtopt-gate/1 bypassed $rtoptNonce") rtoptAllowed=''${RTOPT_GATE:+yes} ;;
      esac
    fi
    : "''${rtoptAllowed:?rtopt: the gate refuses this switch, and nothing was changed}"
  '';
}
