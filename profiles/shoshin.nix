# Desktop: Intel i7-6700K (Skylake), GTX 960, 16 GB and 12 GB of zram.
{
  system = {
    hostname = "shoshin";
    type = "desktop";
  };

  cpu = {
    vendor = "intel";
    model = "i7-6700K";
    family = "skylake";
    cores = 4;
    threads = 8;
  };

  memory = {
    total = 16;
    zramEnabled = true;
    effectiveTotal = 28;
  };

  build = {
    compiler = {
      march = "skylake";
      mtune = "skylake";
      optimizationLevel = "3";
      lto.thin = true;
      preferredLinker = "mold";
    };

    # One build at a time: two with profile-guided training side by side do not fit into 16 GB.
    parallelism = {
      maxJobs = 1;
      maxCores = 6;
    };
  };

  packages = {
    lua5_4 = {
      enable = true;
      pgoLevel = "FULL";
      enableLTO = true;
    };

    go_1_24 = {
      enable = true;
      goamd64 = "v3";
    };

    nodejs_24.enable = true;

    rust = {
      enable = true;
      targetCpu = "skylake";
    };

    python313 = {
      enable = true;
      pgoLevel = "LIGHT"; # "FULL" was not measurably faster, and takes longer (docs/overlays.md)
      enableLTO = true;
      staticInterpreter = true;
    };
  };
}
