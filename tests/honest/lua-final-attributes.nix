# Both arguments of overrideAttrs: flags that refer to what the package finally is.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (
    finalAttrs: previousAttrs: {
      architecture = "x86-64-v3";
      env = (previousAttrs.env or { }) // {
        NIX_CFLAGS_COMPILE = "-march=${finalAttrs.architecture} -O3";
      };
    }
  );
}
