# Wrong: the hook assigns a variable of the shell and does not export it. With NIX_CFLAGS_COMPILE that works, which
# nixpkgs' set-up exports in every build; nothing exports this one.
# Refuted: lua/flags-reach-compiler ("0 of 34 compilations got -march=x86-64-v3"), lua/isa-level.
_final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    preBuild = (old.preBuild or "") + ''
      NIX_CFLAGS_COMPILE_BEFORE="''${NIX_CFLAGS_COMPILE_BEFORE:-} -march=x86-64-v3"
    '';
  });
}
