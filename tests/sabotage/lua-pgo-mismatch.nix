# Wrong: the sources are changed between the two builds, the profile fits them no longer, and the compiler discards it
# function by function with warnings. https://github.com/ClickHouse/ClickHouse/pull/105483,
# https://github.com/nodejs/node/issues/55852
# Refuted: lua/pgo-used ("the code was not laid out by a profile", "coverage-mismatch").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    preBuild = (old.preBuild or "") + ''
      export NIX_CFLAGS_COMPILE="-DLUAI_ASSERT -fprofile-generate=$NIX_BUILD_TOP/profile"
      make PLAT=linux
      src/lua -e 'local t = {} for i = 1, 200000 do t[#t + 1] = ("%d"):format(i) end print(#table.concat(t))'
      make clean
      export NIX_CFLAGS_COMPILE="-fprofile-use=$NIX_BUILD_TOP/profile -Wno-error=coverage-mismatch"
    '';
  });
}
