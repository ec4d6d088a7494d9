# A flag with a blank in it, which makeFlags would split: preBuild appends it to the array that make gets.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    preBuild = (old.preBuild or "") + ''
      makeFlagsArray+=(MYCFLAGS="-march=x86-64-v3 -O3")
    '';
  });
}
