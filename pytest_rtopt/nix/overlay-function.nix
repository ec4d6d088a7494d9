# A function that a user wrote as an overlay, as a function of `final: prev:`, whichever form it has: that, or, as in this
# project, `hardwareProfile: final: prev:`. `where` is its place in the user's file.
{ profile, refuse }:
where: overlay: final: prev:
let
  inherit (import ./callable.nix) isCallable isNamed nameOf;

  # What a file takes from the flake or configuration around it, and cannot take from nixpkgs.
  settingNames = [
    "args"
    "config"
    "flake"
    "inputs"
    "lib"
    "nixpkgs"
    "options"
    "outputs"
    "pkgs"
    "self"
    "settings"
    "sources"
    "system"
  ];
  # Those of them that nobody calls the packages.
  outsideNames = builtins.filter (name: name != "pkgs" && name != "self") settingNames;
  prevNames = [
    "prev"
    "previous"
    "super"
  ];

  # An argument that serves as both tells the forms apart without evaluating more of the file than its head.
  second = overlay (prev // profile);
  third = second prev;
  ofProfile = overlay profile final prev;
  shown =
    function:
    let
      name = nameOf function;
    in
    if name == null then "{ … }:" else "${name}:";

  checked =
    result:
    if builtins.isAttrs result then
      result
    else
      throw "rtopt: The overlay ${where} gives ${refuse.kindOf result}, not a set of packages; let it return `{ NAME = …; }`.";
in
if !isCallable second && isNamed outsideNames overlay then
  refuse.settings where [ (nameOf overlay) ] (nameOf overlay)
else if !isCallable second then
  throw "rtopt: The overlay ${where} takes one argument (`${shown overlay}`), as `packageOverrides` does, and nixpkgs gives an overlay two; write `final: prev:` before the set."
else if !isCallable third then
  checked (overlay final prev)
else if isNamed prevNames second || isNamed [ "final" ] overlay then
  throw "rtopt: The overlay ${where} takes three arguments (`${shown overlay} ${shown second} ${shown third}`), and nixpkgs gives an overlay two; remove `${shown third}`."
else if isNamed settingNames overlay then
  refuse.settings where [ (nameOf overlay) ] (nameOf overlay)
else if isCallable ofProfile then
  throw "rtopt: The overlay ${where} takes more than three arguments, and gets two, or three with a hardware profile before them; write `final: prev:` or `hardwareProfile: final: prev:`."
else
  checked ofProfile
