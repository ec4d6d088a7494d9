# The wrappers of the host's linkers.
{
  system,
  compiler,
  runBash,
  shell,
}:
{
  defaultHardeningFlags,
  extraBuildCommands ? "",
}:
derivation (
  {
    name = "bintools-wrapper";
    inherit system compiler shell;
    inherit extraBuildCommands;
    PATH = "/usr/bin:/bin";
    wrapper = ./ld-wrapper.sh;
    common = ./wrapper-common.sh;
    setupHook = ./bintools-setup-hook.sh;
    hardening = toString defaultHardeningFlags;
  }
  // runBash ./install-bintools.sh
)
// {
  inherit defaultHardeningFlags;
  pname = "bintools-wrapper";
  targetPrefix = "";
  isGNU = true;
  isLLVM = false;
  dynamicLinker = "";
}
