# Wrong: `rustc-unwrapped` at the top is a name that nothing builds with; not even `rustc` there changes.
# Refuted: rust/toolchain-reaches-platform, rust/programs-target-cpu ("no overlay changed this runtime").
_final: prev: {
  rustc-unwrapped = prev.rustc-unwrapped.overrideAttrs (old: {
    env = (old.env or { }) // {
      CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS = "-Ctarget-cpu=x86-64-v3";
    };
  });
}
