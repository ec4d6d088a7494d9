# The one platform of the set, with the questions that packages ask of nixpkgs' platforms. `gcc.arch` and `gcc.tune`
# come from whoever imports the set.
{
  lib,
  system,
  gcc ? { },
}:
let
  no = lib.genAttrs [
    "isAarch"
    "isAarch32"
    "isAarch64"
    "isAndroid"
    "isArmv7"
    "isAvr"
    "isBSD"
    "isCygwin"
    "isDarwin"
    "isFreeBSD"
    "isi686"
    "is32bit"
    "isBigEndian"
    "isLoongArch64"
    "isMacOS"
    "isMinGW"
    "isMips"
    "isMusl"
    "isNetBSD"
    "isOpenBSD"
    "isPower"
    "isPower64"
    "isRiscV"
    "isRiscV64"
    "isS390"
    "isS390x"
    "isStatic"
    "isSunOS"
    "isWasm"
    "isWindows"
    "isx86_32"
    "useLLVM"
    "useAndroidPrebuilt"
  ] (_: false);
  triple = "x86_64-unknown-linux-gnu";
in
no
// {
  inherit system gcc;
  config = triple;
  libc = "glibc";
  isGnu = true;
  isLinux = true;
  isUnix = true;
  isElf = true;
  isx86 = true;
  isx86_64 = true;
  is64bit = true;
  isLittleEndian = true;
  hasSharedLibraries = true;
  linuxArch = "x86_64";
  uname = {
    system = "Linux";
    processor = "x86_64";
    release = null;
  };
  parsed = {
    cpu = {
      name = "x86_64";
      bits = 64;
      family = "x86";
    };
    kernel.name = "linux";
    vendor.name = "unknown";
    abi.name = "gnu";
  };
  extensions = {
    executable = "";
    library = ".so";
    sharedLibrary = ".so";
    staticLibrary = ".a";
  };
  go = {
    GOOS = "linux";
    GOARCH = "amd64";
    GOARM = null;
  };
  rust = {
    rustcTarget = triple;
    rustcTargetSpec = triple;
    cargoShortTarget = triple;
    cargoEnvVarTarget = "X86_64_UNKNOWN_LINUX_GNU";
    platform = {
      arch = "x86_64";
      os = "linux";
      target-family = [ "unix" ];
      vendor = "unknown";
    };
  };
  canExecute = platform: platform.config == triple;
  emulatorAvailable = _: true;
}
