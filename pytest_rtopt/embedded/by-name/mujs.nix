# MuJS from upstream's archive, with upstream's own flags: neither the set's hardening nor any other flag is added.
{ stdenv, sources }:
stdenv.mkDerivation {
  pname = "mujs";
  inherit (sources.mujs) version src;
  hardeningDisable = [ "all" ];
  makeFlags = [ "HAVE_READLINE=no" ];
  buildFlags = [ "build/release/mujs" ];
  # `make install` would build the library and another program as well.
  installPhase = ''
    runHook preInstall
    install -D build/release/mujs $out/bin/mujs
    runHook postInstall
  '';
  env.LC_ALL = "C";
  meta.mainProgram = "mujs";
}
