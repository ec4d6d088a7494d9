# shellcheck shell=bash
# Setup hook of rustc: the programs that cargo builds are for the CPU in `rtoptTargetCpu`, with vectors of
# `rtoptVectorWidth` bits where the code asks for none, and linked by `rtoptLinker`, each where it is set and unless they
# say another.
#
# Cargo takes flags from RUSTFLAGS if that is set, even to nothing as some versions of buildRustPackage do, and else from
# the variable of the target. As nixpkgs' hooks name a target, neither is for build scripts and procedural macros.
rtoptGiveFlags() {
  local variable=CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS
  # With structured attributes a variable may be set and not exported: then cargo does not see it.
  if [[ -n ${RUSTFLAGS+set} && ${RUSTFLAGS@a} == *x* ]]; then
    variable=RUSTFLAGS
  fi
  if [[ -n ${rtoptTargetCpu-} && ${!variable-} != *target-cpu=* ]]; then
    export "$variable=${!variable:+${!variable} }-Ctarget-cpu=$rtoptTargetCpu"
  fi
  if [[ -n ${rtoptVectorWidth-} && ${!variable-} != *prefer-*-bit* ]]; then
    export "$variable=${!variable:+${!variable} }-Ctarget-feature=+prefer-$rtoptVectorWidth-bit"
  fi
  if [[ -n ${rtoptLinker-} && ${!variable-} != *-fuse-ld=* ]]; then
    export "$variable=${!variable:+${!variable} }-Clink-arg=-fuse-ld=$rtoptLinker"
  fi
}
rtoptGiveFlags
