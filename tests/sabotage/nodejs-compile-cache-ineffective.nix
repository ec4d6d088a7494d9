# Wrong: the wrapper sets NODE_COMPILER_CACHE, which node does not read; NODE_COMPILE_CACHE was meant.
# Refuted: nodejs/compile-cache ("finds no compiled code").
_final: prev: {
  nodejs_24 = prev.nodejs_24.overrideAttrs (old: {
    postFixup = (old.postFixup or "") + ''
      mv $out/bin/node $out/bin/.node-wrapped
      {
        echo '#!/bin/sh'
        echo "export NODE_COMPILER_CACHE=\"\''${XDG_CACHE_HOME:-\$HOME/.cache}/node-compile-cache\""
        echo "exec $out/bin/.node-wrapped \"\$@\""
      } > $out/bin/node
      chmod +x $out/bin/node
    '';
  });
}
