# CPython 3.13 from upstream's tarball, with what nixpkgs builds by default: link-time optimization, a shared library,
# -fno-semantic-interposition, the set's hardening, and no profile-guided optimization. Libraries (OpenSSL, libffi, zlib
# and others) are the host's, except for expat: with that of Debian 12, which has later fixes under its old number, tests
# fail that training has to pass.
{
  lib,
  stdenv,
  sources,
  callPackage,
  enableLTO ? true,
  enableOptimizations ? false,
  enableNoSemanticInterposition ? true,
  reproducibleBuild ? true,
  self,
  pythonAttr ? "python313",
}:
assert lib.assertMsg (
  enableOptimizations -> !reproducibleBuild
) "Deterministic builds are not achieved when optimizations are enabled.";
stdenv.mkDerivation {
  pname = "python3";
  inherit (sources.python) version src;

  configureFlags = [
    "--without-ensurepip"
    "--enable-loadable-sqlite-extensions"
    "--enable-shared"
  ]
  ++ lib.optional enableOptimizations "--enable-optimizations"
  ++ lib.optional enableLTO "--with-lto";
  preConfigure = lib.optionalString enableNoSemanticInterposition ''
    export CFLAGS_NODIST="-fno-semantic-interposition"
  '';

  env = {
    LC_ALL = "C.UTF-8";
    PYTHONHASHSEED = "0";
    ZERO_AR_DATE = "1";
    NIX_LDFLAGS = "-rpath ${placeholder "out"}/lib";
    # What is built must not hang on what else the host has: nixpkgs' default has no Tk either.
    py_cv_module__tkinter = "n/a";
    py_cv_module__gdbm = "n/a";
    py_cv_module__dbm = "n/a";
  };

  enableParallelBuilding = true;
  # The test suite, which training needs, is not installed.
  installFlags = [ "TESTSUBDIRS=" ];

  # Nix gives every file one date, which would make all bytecode stale; hashes do not depend on dates. A module that
  # the host has no headers for is left out by configure without a word, so what programs rely on is imported here.
  postInstall = ''
    interpreter=$out/bin/python3.13
    "$interpreter" -I -c 'import bz2, ctypes, lzma, readline, sqlite3, ssl, uuid, zlib'
    find $out -name __pycache__ -type d -prune -exec rm -r {} +
    "$interpreter" -I -m compileall -q -f -j "$NIX_BUILD_CORES" --invalidation-mode unchecked-hash $out/lib/python3.13
    ln -s python3.13 $out/bin/python
  '';

  meta.mainProgram = "python3.13";
  passthru = callPackage ./python-packages.nix { python = self; } // {
    inherit self pythonAttr;
    pythonVersion = "3.13";
    sitePackages = "lib/python3.13/site-packages";
  };
}
