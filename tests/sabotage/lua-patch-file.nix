# Wrong: the patch is of the outer Makefile, which compiles nothing and hands the variable to no other Makefile.
# Refuted: lua/flags-reach-compiler ("0 of 34 compilations got -march=x86-64-v3"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    patches = (old.patches or [ ]) ++ [
      (builtins.toFile "architecture.patch" ''
        --- a/Makefile
        +++ b/Makefile
        @@ -7,1 +7,2 @@
         PLAT= guess
        +MYCFLAGS= -march=x86-64-v3
      '')
    ];
  });
}
