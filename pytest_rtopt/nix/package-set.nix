# A package set, however the user named it, without and with overlays.
{
  # "embedded" | "path" | "flake"
  kind,
  # What to import (embedded, path), or the flake reference
  location,
  # Attribute path of the packages in a flake
  attributePath ? [ ],
  compiler ? "unknown",
  rust ? null,
  toolchain ? null,
  # Attributes of which one that differs shows that the packages are optimized already
  attrs ? [ ],
  # Whether they are, where that is known; null to find out
  overlaid ? null,
  # Whether the overlays are this project's own, which are not applied to packages that are optimized already
  shipped ? true,
  system ? "x86_64-linux",
}:
let
  embeddedWith =
    overlays:
    import location {
      inherit
        overlays
        compiler
        rust
        toolchain
        ;
    };

  # A path leads to a function of nixpkgs' arguments, or to packages that somebody made with it.
  atPath = import location;
  pathWith =
    overlays:
    if builtins.isFunction atPath then
      atPath { inherit overlays; }
    else if overlays == [ ] then
      atPath
    else
      (atPath.appendOverlays
        or (throw "rtopt: ${location} is neither a function of `overlays` nor a package set with `appendOverlays`; begin it with `{ overlays ? [ ] }:`.")
      )
        overlays;

  name = "${location}#${builtins.concatStringsSep "." attributePath}";
  flake = builtins.getFlake location;
  given = if kind == "flake" then ofFlake else pathWith [ ];
  ofFlake = builtins.foldl' (
    set: attribute:
    if builtins.isAttrs set && set ? ${attribute} then
      set.${attribute}
    else
      throw "rtopt: The flake ${location} has no attribute ${builtins.concatStringsSep "." attributePath}; name the packages after #, as in .#homeConfigurations.me.pkgs."
  ) flake attributePath;
  source =
    if builtins.isAttrs given && given ? path then
      given.path
    else
      throw "rtopt: ${name} is no package set: it has no `path` that leads to its nixpkgs; name the packages of a configuration, as in .#homeConfigurations.me.pkgs.";
  own = given.overlays or [ ];
  config = given.config or { };
  importSource =
    arguments:
    import source (
      {
        system = given.stdenv.hostPlatform.system or given.system or system;
        inherit config;
      }
      // arguments
    );
  # Packages of the same nixpkgs and system as anybody has them: without overlays, and without what else changes
  # every package, which are a tuned platform (`hostPlatform.gcc.arch`) and two keys of the configuration.
  plain = importSource {
    overlays = [ ];
    config = removeAttrs config [
      "packageOverrides"
      "replaceStdenv"
    ];
  };
  # The given packages with further overlays on top.
  again =
    given.appendOverlays or (
      overlays:
      importSource {
        overlays = own ++ overlays;
      }
    );

  drvOf =
    packages: attr:
    let
      tried = builtins.tryEval (packages.${attr}.drvPath or null);
    in
    if tried.success then tried.value else null;
  differs = attr: drvOf given attr != drvOf plain attr;
  platform =
    let
      gcc = given.stdenv.hostPlatform.gcc or { };
      named = builtins.tryEval (
        builtins.intersectAttrs {
          arch = null;
          tune = null;
        } gcc
      );
    in
    if named.success then named.value else { };
  # A plain nixpkgs at a path is compared with nothing: it is known to be plain, and evaluated once.
  mayBeOptimized =
    kind == "flake"
    ||
      given ? path
      && (own != [ ] || config ? packageOverrides || config ? replaceStdenv || platform != { });
  # Judged by what it gives: under whatever names overlays make it, among overlays that may be about other things.
  isOptimized =
    if overlaid != null then
      overlaid
    else
      mayBeOptimized && builtins.any differs (attrs ++ map (attr: "${attr}-optimized") attrs);
in
if kind == "flake" then
  {
    inherit source own;
    overlaid = isOptimized;
    inherit platform;
    # The user's real configuration is what is judged: against plain packages where it has the runtimes optimized,
    # else against itself with the overlays on top of its own. Nothing is applied twice.
    stock = builtins.seq source (if isOptimized then plain else given);
    optimizedBy = overlays: if isOptimized then given else again overlays;
  }
else if kind == "path" then
  {
    source = location;
    inherit own platform;
    overlaid = isOptimized;
    stock = if isOptimized then plain else given;
    # Overlays that a user names are on top of what is tuned already.
    optimizedBy = overlays: if isOptimized && shipped then given else pathWith overlays;
  }
else
  {
    source = location;
    stock = embeddedWith [ ];
    optimizedBy = embeddedWith;
    overlaid = false;
    own = [ ];
    platform = { };
  }
