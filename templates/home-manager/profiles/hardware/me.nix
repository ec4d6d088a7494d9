# This machine. To have it detected, copy `rtopt/profiles/hardware/host.nix` over this file after:
#   pytest --pyargs pytest_rtopt.suites -m generate --rtopt-profile host --rtopt-bundle rtopt
{
  build.compiler = {
    march = "x86-64-v3";
    optimizationLevel = "3";
  };

  packages = {
    go_1_24.enable = true;
    lua5_4 = {
      enable = true;
      enableLTO = true;
    };
    nodejs_24.enable = true;
    python313 = {
      enable = true;
      pgoLevel = "LIGHT";
      enableLTO = true;
      staticInterpreter = true;
    };
    rust.enable = true;
  };

  # What passes the gate.
  gate = {
    require = "no-regression";
    stale = "fail";
  };
}
