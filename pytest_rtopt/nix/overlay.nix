# What the user named as an overlay, as a list of functions of `final: prev:`.
#
# Taken are the forms that nixpkgs takes, `hardwareProfile: final: prev:` as the overlays of this project are written,
# and a file that takes arguments with defaults. Everything else is refused by a sentence with the user's own file and
# line, and the remedy: Nix's own messages would be about the code that applies the overlay.
profile:
{
  # Absolute path of a file, or reference of a flake
  location,
  # Where the overlay is in the value of the file or among the outputs of the flake
  attributePath,
  flake,
  # What messages call the overlay
  reference,
  # The line where the file's code begins
  line,
}:
let
  inherit (builtins)
    attrNames
    concatStringsSep
    elem
    filter
    head
    isAttrs
    isList
    length
    listToAttrs
    tryEval
    ;
  inherit (import ./callable.nix)
    argumentsOf
    isCallable
    positionOfArgument
    takesSet
    ;
  refuse = import ./not-an-overlay.nix { inherit location reference flake; };
  functionOf = import ./overlay-function.nix { inherit profile refuse; };

  # What only modules are given by name.
  moduleArguments = [
    "config"
    "modulesPath"
    "options"
    "osConfig"
    "pkgs"
  ];

  # How overlays call their two arguments.
  pairNames = [
    "final"
    "prev"
    "self"
    "super"
  ];

  inner = concatStringsSep "." attributePath;
  # Where the file begins: Nix keeps no position of a value.
  place =
    if flake then
      reference
    else
      "${location}:${toString line}${if inner == "" then "" else " (${inner})"}";

  one = where: value: if isCallable value then functionOf where value else refuse.value where value;

  # A value that takes arguments by name is called for as long as somebody has them.
  overlaysOf =
    value:
    let
      arguments = argumentsOf value;
      names = attrNames arguments;
      required = filter (name: !arguments.${name}) names;
      ofProfile = builtins.all (name: profile ? ${name}) required;
      unknown = listToAttrs (
        map (name: {
          inherit name;
          value = throw "rtopt: `${name}` is not given.";
        }) required
      );
      tried = tryEval (value unknown);
      isFunction = tried.success && isCallable tried.value;
      isModule = tried.success && isAttrs tried.value && !isFunction && refuse.isModule tried.value;
      position = positionOfArgument value (head required);
      where = if position == null then place else "${position.file}:${toString position.line}";
    in
    if isList value then
      builtins.genList (
        index: one "Element ${toString (index + 1)} of the list ${place}" (builtins.elemAt value index)
      ) (length value)
    else if !isCallable value then
      if isAttrs value then
        refuse.set place (if inner == "" then "#" else ".") value
      else
        refuse.value place value
    else if required == [ ] then
      if names != [ ] || takesSet value then overlaysOf (value { }) else [ (one place value) ]
    else if ofProfile then
      overlaysOf (value (builtins.intersectAttrs arguments profile))
    else if builtins.all (name: elem name pairNames) required then
      refuse.pair where names
    else if isModule then
      refuse.module place tried.value
    else if !isFunction && builtins.any (name: elem name moduleArguments) required then
      refuse.module place { }
    else
      refuse.settings where required "{ ${head required} = …; }";

  step =
    set: attribute:
    if isAttrs set && set ? ${attribute} then set.${attribute} else refuse.absent attribute set;
  value =
    if flake then
      let
        outputs = builtins.getFlake location;
        # As `nix` looks for packages: `.#NAME` is the output `overlays.NAME`.
        short = length attributePath == 1 && !(outputs ? ${inner});
      in
      builtins.foldl' step outputs (if short then [ "overlays" ] ++ attributePath else attributePath)
    else
      builtins.foldl' step (import location) attributePath;
in
overlaysOf value
