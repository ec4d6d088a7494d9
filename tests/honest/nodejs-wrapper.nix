# A wrapper in shell gives node a directory for compiled code, unless the user names one.
_final: prev: {
  nodejs_24 = prev.nodejs_24.overrideAttrs (old: {
    postFixup = (old.postFixup or "") + ''
      mv $out/bin/node $out/bin/.node-wrapped
      {
        echo '#!/bin/sh'
        echo "export NODE_COMPILE_CACHE=\"\''${NODE_COMPILE_CACHE-\''${XDG_CACHE_HOME:-\$HOME/.cache}/node-compile-cache}\""
        echo "exec $out/bin/.node-wrapped \"\$@\""
      } > $out/bin/node
      chmod +x $out/bin/node
    '';
  });
}
