# The wrapper of the compiler.
{
  lib,
  system,
  compiler,
  targetPlatform,
  runBash,
  tools,
}:
{
  bintools,
  extraBuildCommands ? "",
  nixSupport ? { },
}:
let
  # The version ends the line that the compiler introduces itself with.
  version = lib.last (lib.splitString " " compiler);
  isGNU = lib.hasPrefix "gcc " compiler;
  hardening = import ./hardening.nix { inherit lib; };

  # What is in front of everything else, as nixpkgs has it since 25.11: profilers follow frame pointers.
  # https://github.com/NixOS/nixpkgs/pull/399014
  framePointers = [
    "-fno-omit-frame-pointer"
    "-mno-omit-leaf-frame-pointer"
  ];
  machine =
    lib.optional (targetPlatform ? gcc.arch) "-march=${targetPlatform.gcc.arch}"
    ++ lib.optional (targetPlatform ? gcc.tune) "-mtune=${targetPlatform.gcc.tune}";

  # A toolchain's headers and libraries, and its assembler.
  ownFiles = lib.optionals (tools.root != null) [
    "--sysroot=${tools.root}"
    "-B${tools.prefix}/bin/"
  ];

  unwrapped = rec {
    inherit version isGNU;
    isClang = false;
    pname = "gcc";
    name = "${pname}-${version}";
    outPath = tools.prefix;
    lib = unwrapped;
    out = unwrapped;
  };
in
derivation (
  {
    name = "cc-wrapper";
    inherit
      system
      compiler
      bintools
      ;
    inherit (tools) shell prefix dynamicLinker;
    PATH = tools.path;
    wrapper = ./cc-wrapper.sh;
    common = ./wrapper-common.sh;
    setupHook = ./cc-setup-hook.sh;
    before = toString (framePointers ++ machine);
    flags = toString ownFiles;
    unsupported = toString (lib.optionals isGNU (hardening.unsupported version));
    extraBuildCommands =
      extraBuildCommands
      + lib.concatStringsSep "\n" (
        lib.mapAttrsToList (name: value: "echo ${toString value} >> $out/nix-support/${name}") nixSupport
      );
  }
  // runBash ./install-cc.sh
)
// {
  inherit
    version
    isGNU
    bintools
    nixSupport
    ;
  inherit (bintools) defaultHardeningFlags;
  isClang = false;
  isZig = false;
  pname = "gcc-wrapper";
  cc = unwrapped;
  libc = null;
  libcxx = null;
  nativeTools = true;
  nativeLibc = true;
  nativePrefix = tools.prefix;
  targetPrefix = "";
  suffixSalt = "x86_64_unknown_linux_gnu";
  meta.mainProgram = "gcc";
}
