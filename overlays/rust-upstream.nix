# rustc and cargo as upstream releases them, for `packages.rust.toolchain = "upstream"`: the components of the archive
# `rust-VERSION-x86_64-unknown-linux-gnu`, with the loader and the libraries of the package set.
#
# nixpkgs patches the compiler that it bootstraps from in the same way (pkgs/development/compilers/rust/binary.nix).
{
  lib,
  stdenv,
  makeWrapper,
  # The package with libz.so.1, which LLVM needs.
  zlib,
  # `packages.rust` of the profile
  settings,
  # The names `rust_1_NN` of the package set
  versions,
  # What links where rustc asks for its bundled lld
  linker,
}:
let
  field = "packages.rust.upstream";
  target = "x86_64-unknown-linux-gnu";
  given =
    let
      asked = settings.upstream or null;
    in
    if asked == null || builtins.isAttrs asked then
      asked
    else
      throw "rtopt: ${field} must be a set; write it as { version = …; sha256 = …; url = …; }";

  text =
    name: remedy:
    let
      value = given.${name} or null;
    in
    if builtins.isString value && value != "" then
      value
    else
      throw "rtopt: ${field}.${name} is missing or no text; ${remedy}";
  version = text "version" "name the release, such as \"1.85.1\"";
  sha256 = text "sha256" "add the hash of the archive, which `nix-hash --type sha256 --flat FILE` prints";

  archive =
    let
      hasUrl = given.url or null != null;
      hasPath = given.path or null != null;
    in
    if hasUrl == hasPath then
      throw "rtopt: ${field} needs either url or path; give one of them"
    else if hasPath then
      builtins.path {
        path = /. + builtins.unsafeDiscardStringContext (toString given.path);
        name = baseNameOf (toString given.path);
        recursive = false;
        inherit sha256;
      }
    else
      # Nix's own downloader, so that a package set without fetchers will do.
      import <nix/fetchurl.nix> {
        url = text "url" "give the address of the archive";
        inherit sha256;
      };

  # The archive that nixpkgs bootstraps from is of the same version as the compiler that it builds.
  ofTable =
    rust: wanted:
    let
      bootstrap = rust.packages.prebuilt.rustc-unwrapped or null;
    in
    if bootstrap != null && bootstrap.version or "" == wanted && bootstrap ? src then
      bootstrap.src
    else
      throw "rtopt: packages.rust.toolchain = \"upstream\" needs the archive of ${wanted}, and this package set has none to bootstrap from; give it as ${field} = { version = \"${wanted}\"; sha256 = …; url = …; }";

  wantedAttr = "rust_${lib.replaceStrings [ "." ] [ "_" ] (lib.versions.majorMinor version)}";
  ofUser =
    attr: present:
    if version == present then
      archive
    else
      throw "rtopt: ${field}.version = \"${version}\" and ${attr} of this package set is ${present}; give the archive of ${present}";

  inherit (stdenv.cc.bintools) dynamicLinker;
  # A set whose libc belongs to a whole toolchain says where the libraries of that lie.
  libraries =
    stdenv.cc.bintools.libraries
      or (lib.makeLibraryPath ([ stdenv.cc.cc.lib ] ++ lib.optional (zlib != null) zlib));

  unpacked =
    {
      pname,
      version,
      archive,
      components,
      runPath ? libraries,
      nativeBuildInputs ? [ ],
      installed ? "",
      check,
      passthru ? { },
      meta ? { },
      hooks ? { },
    }:
    # As packages of nixpkgs are: its cargo-auditable asks for `cargo.override { auditable = false; }`. Nothing is
    # compiled, so that no argument matters.
    lib.makeOverridable (
      _:
      stdenv.mkDerivation (
        {
          inherit
            pname
            version
            archive
            components
            dynamicLinker
            runPath
            nativeBuildInputs
            meta
            ;
          sourceRoot = "upstream";
          unpackPhase = ''
            runHook preUnpack
            mkdir upstream
            for component in $components; do
              tar -xf "$archive" -C upstream --strip-components=1 --wildcards --no-wildcards-match-slash "*/$component" \
                || { echo "rtopt: $archive has no component $component; take the archive rust-$version-${target}"; exit 1; }
            done
            runHook postUnpack
          '';
          dontConfigure = true;
          dontBuild = true;
          installPhase = ''
            runHook preInstall
            mkdir -p $out
            for component in $components; do
              rm -f "$component/manifest.in"
              cp -r "$component/." $out/
            done
            find $out -type f \( -perm -0100 -o -name '*.so*' \) > patched
            while read -r file; do
              # The host's own loader and libraries need no change.
              if [ -z "$dynamicLinker" ] || [ -z "$(patchelf --print-needed "$file" 2>/dev/null)" ]; then continue; fi
              patchelf --set-rpath "$(patchelf --print-rpath "$file"):$runPath" "$file"
              if patchelf --print-interpreter "$file" >/dev/null 2>&1; then
                patchelf --set-interpreter "$dynamicLinker" "$file"
              fi
            done < patched
            ${installed}
            runHook postInstall
          '';
          doInstallCheck = true;
          installCheckPhase = ''
            runHook preInstallCheck
            ${check}
            runHook postInstallCheck
          '';
          # Left as it was released.
          dontStrip = true;
          dontPatchELF = true;
          passthru = passthru // {
            prebuilt = true;
          };
        }
        // hooks
      )
    ) { };

  # What others look for at a compiler and its cargo.
  hooksOf = builtins.intersectAttrs {
    setupHook = null;
    setupHooks = null;
  };
  factsOf = builtins.intersectAttrs {
    src = null;
    llvm = null;
    llvmPackages = null;
    targetPlatforms = null;
    targetPlatformsWithHostTools = null;
    badTargetPlatforms = null;
  };
in
{
  # Whether `rust_1_NN` gets upstream's release: all of them do by the package set's table, and one by the user's archive.
  reaches =
    attr:
    given == null
    || (
      if builtins.elem wantedAttr versions then
        attr == wantedAttr
      else
        throw "rtopt: ${field}.version = \"${version}\" and this package set has no ${wantedAttr}; give the archive of a version of ${toString versions}"
    );

  # The packages of the scope `rust.packages.stable` that are upstream's.
  packages =
    attr: rust: self: super:
    let
      stock = super.rustc-unwrapped;
      inherit (stock) version;
      archive = if given == null then ofTable rust version else ofUser attr version;
      tool =
        pname: component: check:
        unpacked {
          inherit pname version archive;
          components = [ component ];
          # They load the compiler as a library.
          runPath = "${self.rustc-unwrapped}/lib:${libraries}";
          check = "$out/bin/${check} --version";
        };
      tools = {
        rustfmt = tool "rustfmt" "rustfmt-preview" "rustfmt";
        clippy = tool "clippy" "clippy-preview" "clippy-driver";
        clippy-unwrapped = self.clippy;
      };
    in
    {
      rustc-unwrapped = unpacked {
        pname = "rustc-upstream";
        inherit version archive;
        components = [
          "rustc"
          "rust-std-${target}"
        ];
        # From 1.90 on, rustc links with the lld that it brings, which writes no run path.
        # https://github.com/rust-lang/rust/issues/162781
        installed = ''
          for lld in $out/lib/rustlib/*/bin/gcc-ld/ld.lld; do
            if [ -e "$lld" ]; then ln -sf ${linker} "$lld"; fi
          done
        '';
        check = ''
          $out/bin/rustc -vV
          $out/bin/rustc -vV | grep -x "release: $version"
        '';
        passthru = factsOf stock;
        meta = stock.meta or { };
        hooks = hooksOf stock;
      };
      cargo = unpacked {
        pname = "cargo-upstream";
        inherit version archive;
        components = [ "cargo" ];
        nativeBuildInputs = [ makeWrapper ];
        installed = "wrapProgram $out/bin/cargo --suffix PATH : ${self.rustc}/bin";
        check = "$out/bin/cargo --version";
        meta = super.cargo.meta or { };
        hooks = hooksOf super.cargo;
      };
    }
    # Their builds need the compiler's own libraries, which are no part of the archive.
    // builtins.intersectAttrs super tools;
}
