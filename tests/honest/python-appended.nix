# Flags behind those that the package itself assigns, in the variable that is not recorded for extension modules.
_final: prev: {
  python313 = (prev.python313.override { enableLTO = false; }).overrideAttrs (old: {
    preConfigure = (old.preConfigure or "") + ''
      export CFLAGS_NODIST="$CFLAGS_NODIST -march=x86-64-v3"
    '';
  });
}
