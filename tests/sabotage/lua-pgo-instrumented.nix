# Wrong: nothing is cleaned between the two builds, so that make finds all objects up to date and installs the program
# that counts. https://github.com/NixOS/nixpkgs/issues/283563
# Refuted: lua/pgo-used ("the installed program is the instrumented one").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    preBuild = (old.preBuild or "") + ''
      export NIX_CFLAGS_COMPILE="-fprofile-generate=$NIX_BUILD_TOP/profile"
      make PLAT=linux
      src/lua -e 'local t = {} for i = 1, 200000 do t[#t + 1] = ("%d"):format(i) end print(#table.concat(t))'
      export NIX_CFLAGS_COMPILE="-fprofile-use=$NIX_BUILD_TOP/profile"
    '';
  });
}
