# Stock and optimized derivations of the requested runtimes, from a request that Python wrote.
{ request }:
let
  asked = builtins.fromJSON (builtins.readFile request);
  inherit (asked) profile runtimes;

  overlays = builtins.concatMap (import ./overlay.nix profile) asked.overlays;

  set = import ./package-set.nix (
    asked.packages
    // {
      inherit (asked) attrs overlaid shipped;
    }
  );
  inherit (set) stock;
  optimized = set.optimizedBy overlays;

  # What stands for an overlay's text in a hash: its file, or one with the hash of its flake.
  textOf =
    overlay:
    if overlay.flake then
      builtins.toFile "flake" (
        let
          flake = builtins.getFlake overlay.location;
        in
        flake.narHash or flake.outPath + builtins.concatStringsSep "." overlay.attributePath
      )
    else
      overlay.location;

  # The flags that the standard environment gives every C compilation, as `withCFlags` makes one.
  flagsOf =
    packages:
    let
      probe = packages.stdenv.mkDerivation { name = "rtopt-probe"; };
      found = builtins.tryEval (
        toString (probe.NIX_CFLAGS_COMPILE or probe.env.NIX_CFLAGS_COMPILE or "")
      );
    in
    if packages ? stdenv.mkDerivation && found.success then found.value else "";

  # The names that overlays define, each overlay called on what those before it made.
  touched =
    (builtins.foldl'
      (
        { prev, names }:
        overlay:
        let
          defined = overlay optimized prev;
        in
        {
          prev = prev // defined;
          names = names // defined;
        }
      )
      {
        prev = stock;
        names = { };
      }
      (if set.overlaid then set.own else overlays)
    ).names;

  # A name that was removed from nixpkgs may still be there and throw.
  has =
    packages: attr: packages ? ${attr} && (builtins.tryEval (builtins.isAttrs packages.${attr})).value;

  derivationOf =
    attr: package:
    if !builtins.isAttrs package || !(package ? drvPath) then
      throw "rtopt: The overlays make ${attr} a ${builtins.typeOf package}, not a package; let it be a derivation, such as `prev.${attr}.overrideAttrs (old: { … })`."
    else
      {
        drv = builtins.unsafeDiscardStringContext package.drvPath;
        out = builtins.unsafeDiscardStringContext package.outPath;
      };

  describe =
    name: runtime:
    let
      attr = builtins.head (builtins.filter (has stock) runtime.attributes ++ [ null ]);
      added = import asked.added {
        inherit attr;
        inherit (runtime) attributes;
        packages = optimized;
      };
      scope = profile.packages.${runtime.profileAttribute}.scope or "replace";
      # A stranger's overlay may put the optimized package beside stock's, too, and says so by the name alone.
      untouched = optimized.${attr}.drvPath == stock.${attr}.drvPath && !(stock ? ${added});
      optimizedAttr = if added != null && (scope == "add" || untouched) then added else attr;
      relaid = import ./layout.nix {
        kind = runtime.layout;
        inherit (asked) layout;
      };
      programs =
        packages: package:
        let
          built = relaid.programs (
            import ./programs.nix {
              inherit name packages package;
              sources = asked.workloads;
            }
          );
        in
        if built == null then null else derivationOf "${name} programs" built;
    in
    if attr == null then
      null
    else
      {
        inherit attr;
        inputs = import asked.inputs {
          inherit profile name;
          overlays = map textOf runtime.overlays;
        };
        version = stock.${attr}.version or "unknown";
        # Marked by package sets that bring upstream's binaries, as the embedded one does.
        prebuilt = stock.${attr}.prebuilt or false;
        stock = derivationOf attr (relaid.runtime stock.${attr});
        optimized = derivationOf optimizedAttr (relaid.runtime optimized.${optimizedAttr});
        stockPrograms = programs stock stock.${attr};
        optimizedPrograms = programs optimized optimized.${optimizedAttr};
      };

  # Every package of a small set, to see that nothing else changed. A large set would take minutes.
  everything =
    packages:
    builtins.listToAttrs (
      builtins.concatMap (
        name:
        let
          isPackage =
            let
              value = packages.${name};
            in
            builtins.isAttrs value && value.type or null == "derivation";
          value = builtins.unsafeDiscardStringContext packages.${name}.drvPath;
          tried = builtins.tryEval (if isPackage then value else null);
          found = if asked.everything == "all" then (if isPackage then value else null) else tried.value;
        in
        if asked.everything != "all" && !tried.success || found == null then
          [ ]
        else
          [
            {
              inherit name;
              value = found;
            }
          ]
      ) (builtins.attrNames packages)
    );
in
{
  runtimes = builtins.mapAttrs describe runtimes;
  inherit (set) overlaid platform;
  stdenvFlags = {
    stock = flagsOf stock;
    optimized = flagsOf optimized;
  };
  touched = builtins.attrNames touched;
  everything =
    if asked.everything != "none" && asked.packages.kind == "embedded" then
      {
        stock = everything stock;
        optimized = everything optimized;
      }
    else
      null;
}
