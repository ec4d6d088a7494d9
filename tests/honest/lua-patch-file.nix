# The flags come with a patch of the package's Makefile.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    patches = (old.patches or [ ]) ++ [
      (builtins.toFile "architecture.patch" ''
        --- a/src/Makefile
        +++ b/src/Makefile
        @@ -23,2 +23,2 @@
        -MYCFLAGS=
        +MYCFLAGS= -march=x86-64-v3
         MYLDFLAGS=
      '')
    ];
  });
}
