# The wrapper of the host's compiler.
{
  lib,
  system,
  compiler,
  targetPlatform,
  runBash,
  shell,
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

  # The compiler itself is the host's.
  unwrapped = rec {
    inherit version isGNU;
    isClang = false;
    pname = "gcc";
    name = "${pname}-${version}";
    outPath = "/usr";
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
      shell
      ;
    PATH = "/usr/bin:/bin";
    wrapper = ./cc-wrapper.sh;
    common = ./wrapper-common.sh;
    setupHook = ./cc-setup-hook.sh;
    before = toString (framePointers ++ machine);
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
  nativePrefix = "/usr";
  targetPrefix = "";
  suffixSalt = "x86_64_unknown_linux_gnu";
  meta.mainProgram = "gcc";
}
