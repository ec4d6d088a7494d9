# Another build of a package, of the same source and with the same flags, whose functions lie elsewhere. `layout` is its
# number; 0 means unmodified, and so does any number for the kind "none".
{
  # The kind of build: `layout` in overlays/runtimes.json
  kind,
  layout,
}:
let
  number = toString layout;

  # Appended where the package has the variable already: it may not stand in both places.
  append =
    variable: words: old:
    if old ? ${variable} then
      { ${variable} = "${toString old.${variable}} ${words}"; }
    else
      {
        env = (old.env or { }) // {
          ${variable} = "${toString (old.env.${variable} or "")} ${words}";
        };
      };

  # GCC: functions begin at a multiple of 64 wherever that wastes fewer bytes than the second number, which is another
  # set of functions for every number.
  gcc = append "NIX_CFLAGS_COMPILE" "-falign-functions=64:${toString (8 + 7 * layout)}";
  # Go's linker shuffles all functions by a seed, which it can for this very purpose.
  goToolchain = append "GO_LDFLAGS" "-randlayout=${number}";
  goPrograms =
    old:
    append "GOFLAGS" "-ldflags=-randlayout=${number}" old
    // (if old ? ldflags then { ldflags = old.ldflags ++ [ "-randlayout=${number}" ]; } else { });
  # Names of symbols, and with them the order of what is linked; and where functions begin.
  rust = append "NIX_RUSTFLAGS" "-Cmetadata=rtopt-layout-${number} -Cllvm-args=-align-all-functions=${
    toString (5 + layout - 2 * (layout / 2))
  }";

  kinds = {
    gcc.runtime = gcc;
    go = {
      runtime = goToolchain;
      programs = goPrograms;
    };
    rust.programs = rust;
    # What is prebuilt lies as it lies.
    none = { };
  };
  changes =
    kinds.${kind}
      or (throw "rtopt: layout = \"${kind}\" in overlays/runtimes.json must be one of ${toString (builtins.attrNames kinds)}");

  vary =
    part: package:
    if layout == 0 || package == null || !(changes ? ${part}) then
      package
    else
      package.overrideAttrs changes.${part};
in
{
  runtime = vary "runtime";
  programs = vary "programs";
}
