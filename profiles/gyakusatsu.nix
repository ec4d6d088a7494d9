# Workstation under WSL: AMD Zen 3, of which the virtual machine gets 8 GB and no zram.
{
  system = {
    hostname = "gyakusatsu";
    type = "wsl";
  };

  cpu = {
    vendor = "amd";
    family = "zen3";
  };

  memory = {
    total = 8;
    effectiveTotal = 8;
  };

  build = {
    compiler = {
      march = "znver3";
      mtune = "znver3";
      optimizationLevel = "3";
    };

    # A C++ compiler takes up to 2 GB, so four at once are what 8 GB carry.
    parallelism = {
      maxJobs = 1;
      maxCores = 4;
    };
  };

  packages = {
    lua5_4 = {
      enable = true;
      pgoLevel = "LIGHT";
      enableLTO = true;
    };

    go_1_24 = {
      enable = true;
      goamd64 = "v3";
    };

    nodejs_24.enable = true;

    rust = {
      enable = true;
      targetCpu = "znver3";
    };

    # Guides count 8 to 12 GB for training. Measured with two cores: 2.0 GB (docs/overlays.md), so that "LIGHT" fits, too.
    python313 = {
      enable = true;
      pgoLevel = "NONE";
      enableLTO = true;
    };
  };
}
