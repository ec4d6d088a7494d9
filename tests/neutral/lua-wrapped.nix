# Puts a wrapper around the program, which sets where modules are searched.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    postFixup = (old.postFixup or "") + ''
      mv $out/bin/lua $out/bin/.lua-wrapped
      printf '#!/bin/sh\nexport LUA_PATH="/srv/lua/?.lua;;"\nexec %s "$@"\n' "$out/bin/.lua-wrapped" > $out/bin/lua
      chmod +x $out/bin/lua
    '';
  });
}
