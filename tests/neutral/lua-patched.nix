# Adds a patch: a message of the interpreter in other words.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    patches = (old.patches or [ ]) ++ [
      (builtins.toFile "greeting.patch" ''
        --- a/src/lua.c
        +++ b/src/lua.c
        @@ -1,3 +1,4 @@
        +/* patched */
         /*
         ** $Id: lua.c $
         ** Lua stand-alone interpreter
      '')
    ];
  });
}
