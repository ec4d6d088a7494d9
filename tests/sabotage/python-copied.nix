# Wrong: the output is a copy of stock's under another name; its programs even go on loading stock's library.
# Refuted: python/flags-reach-compiler, python/isa-level ("the machine code is the same as stock's"), and
# python/with-packages-uses-it.
_final: prev: {
  python313 = prev.python313.overrideAttrs (_: {
    pname = "python3-optimized";
    configurePhase = ":";
    buildPhase = ":";
    postInstall = "";
    installPhase = ''
      cp -r ${prev.python313} $out
      chmod -R u+w $out
    '';
  });
}
