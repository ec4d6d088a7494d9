# The compilers and tools that builds use: the host's, or those of a toolchain by name.
{ toolchain, system }:
if toolchain == null then
  {
    prefix = "/usr";
    shell = "/bin/bash";
    path = "/usr/bin:/bin";
    initialPath = [
      "/usr"
      "/"
    ];
    # What is linked finds loader and libraries where every program of the host does.
    root = null;
    dynamicLinker = "";
    libraries = "";
  }
else
  let
    root = import ../toolchains {
      name = toolchain;
      inherit system;
    };
  in
  rec {
    prefix = "${root}/usr";
    shell = "${root}/bin/bash";
    path = "${prefix}/bin";
    initialPath = [ prefix ];
    inherit root;
    dynamicLinker = "${root}/lib64/ld-linux-x86-64.so.2";
    libraries = "${prefix}/lib/x86_64-linux-gnu";
  }
