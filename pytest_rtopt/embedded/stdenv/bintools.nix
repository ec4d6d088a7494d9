# The wrappers of the linkers.
{
  system,
  compiler,
  runBash,
  tools,
}:
{
  defaultHardeningFlags,
  extraBuildCommands ? "",
}:
derivation (
  {
    name = "bintools-wrapper";
    inherit system compiler extraBuildCommands;
    inherit (tools)
      shell
      prefix
      root
      dynamicLinker
      libraries
      ;
    PATH = tools.path;
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
  inherit (tools) dynamicLinker libraries;
}
