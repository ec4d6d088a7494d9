# Patches of Go's sources that let garbage collection begin later: in the compiler, in the linker, and in the programs
# that they make. The first two change no byte of any output. A GOGC in the environment wins over all three.
#
# `--replace-fail` makes a changed line an error instead of a patch that does nothing. cmd/dist reads import blocks line
# by line, so each import has a line of its own.
{ lib, rtopt }:
attr: go:
let
  settings = rtopt.settings attr;
  number =
    field: least:
    let
      value = settings.${field};
    in
    if builtins.isInt value && value >= least then
      toString value
    else
      throw "rtopt: packages.${attr}.${field} must be a whole number of at least ${toString least}";

  # The compiler computes its starting heap from the goal that GOGC=100 gives. This corrects it for another default.
  startingHeap = "src/cmd/compile/internal/base/${
    if lib.versionAtLeast go.version "1.26" then "startheap" else "base"
  }.go";

  # The compiler begins with 128 MiB since 1.26. Before, it begins with 32 MiB and 8 for each of its threads.
  compiler =
    if lib.versionAtLeast go.version "1.26" then
      {
        from = "startHeapMB := int64(128)";
        to = "startHeapMB := int64(${number "compilerHeap" 128})";
      }
    else
      {
        from = "uint64(32+8*base.Flag.LowerC) << 20";
        to = "uint64(${number "compilerHeap" 128}) << 20";
      };
in
lib.optionalString (settings ? compilerHeap) ''
  substituteInPlace src/cmd/compile/internal/gc/main.go \
    --replace-fail '${compiler.from}' '${compiler.to}'
''
+ lib.optionalString (settings ? linkerGcPercent) ''
  substituteInPlace src/cmd/link/internal/ld/main.go \
    --replace-fail '"runtime/pprof"' '"runtime/debug"
  "runtime/pprof"' \
    --replace-fail 'func Main(arch *sys.Arch, theArch Arch) {' 'func Main(arch *sys.Arch, theArch Arch) {
  if os.Getenv("GOGC") == "" {
    debug.SetGCPercent(${number "linkerGcPercent" 100})
  }'
''
+ lib.optionalString (settings ? goGcPercent) ''
  substituteInPlace src/runtime/mgcpacer.go \
    --replace-fail 'return 100' 'return ${number "goGcPercent" 100}'
  substituteInPlace ${startingHeap} \
    --replace-fail 'myGogc := 100 * ' 'myGogc := uint64(debug.SetGCPercent(100)) * '
''
