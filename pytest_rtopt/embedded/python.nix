# CPython 3.13 from upstream's tarball, with what nixpkgs builds by default: link-time optimization, a shared library,
# -fno-semantic-interposition, the set's hardening, and no profile-guided optimization. Libraries (OpenSSL, libffi, zlib
# and others) are the host's or the toolchain's, except for expat: with that of Debian 12, which has later fixes under its
# old number, tests fail that training has to pass.
{
  lib,
  stdenv,
  sources,
  callPackage,
  enableGIL ? true,
  enableDebug ? false,
  enableLTO ? true,
  enableOptimizations ? false,
  enableNoSemanticInterposition ? true,
  reproducibleBuild ? false,
  rebuildBytecode ? true,
  stripBytecode ? true,
  stripConfig ? false,
  stripIdlelib ? false,
  stripTests ? false,
  stripTkinter ? false,
  # For the packages of this interpreter, and for no byte of its own.
  packageOverrides ? _: _: { },
  self,
  pythonAttr ? "python313",
}:
assert lib.assertMsg (
  reproducibleBuild -> stripBytecode
) "Deterministic builds require stripping bytecode.";
assert lib.assertMsg (
  reproducibleBuild -> !enableOptimizations
) "Deterministic builds are not achieved when optimizations are enabled.";
assert lib.assertMsg (
  reproducibleBuild -> !rebuildBytecode
) "Deterministic builds are not achieved when (default unoptimized) bytecode is created.";
let
  libPrefix = "python3.13${lib.optionalString (!enableGIL) "t"}";
in
stdenv.mkDerivation {
  pname = "python3";
  inherit (sources.python) version src;

  configureFlags = [
    "--without-ensurepip"
    "--enable-loadable-sqlite-extensions"
    "--enable-shared"
    (lib.enableFeature enableGIL "gil")
  ]
  ++ lib.optional enableDebug "--with-pydebug"
  ++ lib.optional enableOptimizations "--enable-optimizations"
  ++ lib.optional enableLTO "--with-lto"
  # Looked for in /usr otherwise.
  ++ lib.optional (stdenv.cc.bintools.dynamicLinker != "") "--with-openssl=${stdenv.cc.cc}";
  preConfigure = lib.optionalString enableNoSemanticInterposition ''
    export CFLAGS_NODIST="-fno-semantic-interposition"
  '';

  env = {
    LC_ALL = "C.UTF-8";
    PYTHONHASHSEED = "0";
    ZERO_AR_DATE = "1";
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
  ''
  + lib.optionalString stripConfig ''
    rm -r $out/bin/python*-config $out/lib/python*/config-*
  ''
  + lib.optionalString stripIdlelib ''
    rm -r $out/bin/idle* $out/lib/python*/{idlelib,turtledemo}
  ''
  + lib.optionalString stripTkinter ''
    rm -r $out/lib/python*/tkinter
  ''
  + lib.optionalString stripTests ''
    rm -rf $out/lib/python*/test
  ''
  + lib.optionalString stripBytecode ''
    find $out -name __pycache__ -type d -prune -exec rm -r {} +
  ''
  + lib.optionalString rebuildBytecode ''
    "$interpreter" -I -m compileall -q -f -j "$NIX_BUILD_CORES" --invalidation-mode unchecked-hash $out/lib/${libPrefix}
  ''
  + ''
    ln -s python3.13 $out/bin/python
  '';

  meta.mainProgram = "python3.13";
  passthru =
    callPackage ./python-packages.nix {
      python = self;
      inherit packageOverrides;
    }
    // {
      inherit
        self
        pythonAttr
        packageOverrides
        libPrefix
        ;
      implementation = "cpython";
      executable = libPrefix;
      interpreter = "${self}/bin/${libPrefix}";
      pythonVersion = "3.13";
      sourceVersion = {
        major = "3";
        minor = "13";
        patch = "5";
        suffix = "";
      };
      pythonAtLeast = lib.versionAtLeast "3.13";
      pythonOlder = lib.versionOlder "3.13";
      isPy3k = true;
      pythonOnBuildForHost = self;
      sitePackages = "lib/${libPrefix}/site-packages";
    };
}
