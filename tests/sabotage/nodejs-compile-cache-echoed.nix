# Wrong: the wrapper says what node would say of a cache, and gives node none.
# Refuted: nodejs/compile-cache ("node has no compile cache enabled").
_final: prev: {
  nodejs_24 = prev.nodejs_24.overrideAttrs (old: {
    postFixup = (old.postFixup or "") + ''
      mv $out/bin/node $out/bin/.node-wrapped
      {
        echo '#!/bin/sh'
        echo 'export NODE_COMPILE_CACHE='
        echo 'if [ "$NODE_DEBUG_NATIVE" = COMPILE_CACHE ]; then'
        echo '  echo "V8 code cache for CommonJS $PWD/m.js was accepted"'
        echo 'fi'
        echo "exec $out/bin/.node-wrapped \"\$@\""
      } > $out/bin/node
      chmod +x $out/bin/node
    '';
  });
}
