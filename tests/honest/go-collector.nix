# The same as ours in another way: sed instead of substituteInPlace, and the linker's code in a file of its own.
_final: prev: {
  go_1_24 = prev.go_1_24.overrideAttrs (old: {
    postPatch = (old.postPatch or "") + ''
      sed -i 's/uint64(32+8\*base.Flag.LowerC) << 20/512 << 20/' src/cmd/compile/internal/gc/main.go
      sed -i 's/^func Main(.*{$/&\n\tcollectLater()/' src/cmd/link/internal/ld/main.go
      cat > src/cmd/link/internal/ld/collect.go <<'END'
      package ld

      import (
      	"os"
      	"runtime/debug"
      )

      func collectLater() {
      	if os.Getenv("GOGC") == "" {
      		debug.SetGCPercent(400)
      	}
      }
      END
      sed -i 's/return 100$/return 200/' src/runtime/mgcpacer.go
      sed -i 's/currentGoal := sample.*Uint64()/& \/ 2/' src/cmd/compile/internal/base/base.go
    '';
  });
}
