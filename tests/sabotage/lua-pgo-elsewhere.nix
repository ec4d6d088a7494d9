# Wrong: the compiler looks for the profile in another directory than the training wrote it to, and goes on without.
# https://github.com/rust-lang/rust/issues/63609, https://github.com/python/cpython/issues/142169
# Refuted: lua/pgo-used ("the code was not laid out by a profile", "profile count data file not found").
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    preBuild = (old.preBuild or "") + ''
      export NIX_CFLAGS_COMPILE="-fprofile-generate=$NIX_BUILD_TOP/profile"
      make PLAT=linux
      src/lua -e 'local t = {} for i = 1, 200000 do t[#t + 1] = ("%d"):format(i) end print(#table.concat(t))'
      make clean
      export NIX_CFLAGS_COMPILE="-fprofile-use=$NIX_BUILD_TOP/profiles"
    '';
  });
}
