# The sentences for what users hand in as an overlay and is none, each with the place in the user's file and the remedy.
{
  location,
  reference,
  flake,
}:
let
  inherit (builtins)
    any
    attrNames
    concatStringsSep
    elem
    filter
    head
    isAttrs
    isList
    tryEval
    ;
  inherit (import ./callable.nix) isCallable;

  remedy = "give the path of a file with a function of `final: prev:`";

  # Top-level options of NixOS and home-manager, and what a module has beside options.
  moduleAttributes = [
    "accounts"
    "assertions"
    "boot"
    "config"
    "console"
    "dconf"
    "disabledModules"
    "documentation"
    "environment"
    "fileSystems"
    "fonts"
    "gtk"
    "hardware"
    "home"
    "i18n"
    "imports"
    "networking"
    "nix"
    "nixpkgs"
    "options"
    "powerManagement"
    "programs"
    "qt"
    "security"
    "services"
    "specialisation"
    "swapDevices"
    "system"
    "systemd"
    "targets"
    "time"
    "users"
    "virtualisation"
    "warnings"
    "wayland"
    "xdg"
    "xsession"
    "zramSwap"
  ];
  # What a configuration of nixpkgs (`config.nix`) has, and nothing else.
  configurationAttributes = [
    "allowBroken"
    "allowInsecurePredicate"
    "allowUnfree"
    "allowUnfreePredicate"
    "allowUnsupportedSystem"
    "allowlistedLicenses"
    "cudaSupport"
    "packageOverrides"
    "permittedInsecurePackages"
    "replaceStdenv"
    "rocmSupport"
  ];
  holds =
    kinds: set: name:
    let
      tried = tryEval (kinds set.${name});
    in
    tried.success && tried.value;
  isOverlay = value: isCallable value || isList value;

  list =
    names:
    let
      shown = 8;
      first = builtins.genList (builtins.elemAt names);
    in
    if builtins.length names <= shown then
      concatStringsSep ", " names
    else
      "${concatStringsSep ", " (first shown)}, …";
in
rec {
  inherit list remedy;

  kindOf =
    value:
    let
      kind = builtins.typeOf value;
    in
    if kind == "int" then "an integer" else "a ${kind}";

  # By the names at the top. An overlay among several may have such a name, and is a function.
  isModule =
    set: any (name: elem name moduleAttributes && !holds isCallable set name) (attrNames set);

  module =
    where: set:
    let
      tried = tryEval (set.nixpkgs.config or { } ? gcc);
      unread =
        if tried.success && tried.value then
          ", and note that nothing reads `nixpkgs.config.gcc`: NixOS takes the architecture from `nixpkgs.hostPlatform.gcc.arch`"
        else
          "";
    in
    throw "rtopt: ${where} is a home-manager or NixOS module, not an overlay; judge the configuration that it belongs to with --rtopt-packages '.#homeConfigurations.NAME.pkgs' (or '.#nixosConfigurations.NAME.pkgs')${unread}.";

  # `given` shows how a file would give what is wanted.
  settings =
    where: names: given:
    let
      file = if flake then "./overlay.nix" else location;
    in
    throw "rtopt: The overlay ${where} is a function of ${
      concatStringsSep ", " (map (name: "`${name}`") names)
    }, which nobody gives it here; write a file that does, such as `import ${file} ${given}`, and name that.";

  # Both arguments by name, as in `{ final, prev }:`.
  pair =
    where: names:
    throw "rtopt: The overlay ${where} takes one set with ${
      concatStringsSep ", " (map (name: "`${name}`") names)
    }, and nixpkgs gives an overlay two arguments; write `final: prev:`.";

  value =
    where: given:
    if builtins.isPath given then
      throw "rtopt: ${where} is a path, not a function of `final: prev:`; write `(import ${toString given})`."
    else if isList given then
      throw "rtopt: ${where} is a list, not a function of `final: prev:`; join the lists with `++`."
    else
      throw "rtopt: ${where} is ${kindOf given}, not a function of `final: prev:`; ${remedy}.";

  # `separator` joins a name to the reference.
  set =
    where: separator: given:
    let
      overlays = filter (holds isOverlay given) (attrNames given);
      names = if given == { } then "" else " (${list (attrNames given)})";
    in
    if given ? outputs && isCallable given.outputs then
      throw "rtopt: ${where} is a flake, not an overlay; name one of its overlays, as in ${dirOf location}#overlays.default."
    else if given.type or null == "derivation" then
      throw "rtopt: ${where} is a package, not an overlay; ${remedy}."
    else if any (name: elem name configurationAttributes) (attrNames given) then
      throw "rtopt: ${where} is a configuration of nixpkgs${names}, not an overlay; write what its `packageOverrides` define into a function of `final: prev:`."
    else if isModule given then
      module where given
    else if overlays != [ ] then
      throw "rtopt: ${where} is a set of overlays (${list overlays}), not one; name one of them, as in ${reference}${separator}${head overlays}."
    else
      throw "rtopt: The overlay ${where} is a set${names}, not a function; write `final: prev:` before it.";

  absent =
    attribute: given:
    throw "rtopt: There is no overlay ${reference}: ${
      if isAttrs given then
        "${attribute} is not among ${list (attrNames given)}"
      else
        "${kindOf given} has no ${attribute}"
    }; name one that is there.";
}
