# Parts of directories as sources.
{ lib }:
let
  base = path: baseNameOf (toString path);
  # What version control, editors and builds leave behind.
  cleaned =
    path: type:
    !(
      (
        type == "directory"
        && lib.elem (base path) [
          ".git"
          ".svn"
          "CVS"
          ".hg"
          ".jj"
          ".pijul"
          "_darcs"
        ]
      )
      || lib.hasSuffix "~" (base path)
      || builtins.match "^\\.sw[a-z]$" (base path) != null
      || builtins.match "^\\..*\\.sw[a-z]$" (base path) != null
      || lib.hasSuffix ".o" (base path)
      || lib.hasSuffix ".so" (base path)
      || (type == "symlink" && lib.hasPrefix "result" (base path))
      || type == "unknown"
    );
in
rec {
  cleanSourceFilter = cleaned;
  cleanSourceWith =
    {
      src,
      filter ? _: _: true,
      name ? null,
    }:
    let
      isFiltered = src ? _isLibCleanSourceWith;
      origSrc = if isFiltered then src.origSrc else src;
      both = path: type: filter path type && (!isFiltered || src.filter path type);
      chosen = if name != null then name else src.name or "source";
    in
    {
      inherit origSrc;
      name = chosen;
      filter = both;
      outPath = builtins.path {
        filter = both;
        path = origSrc;
        name = chosen;
      };
      _isLibCleanSourceWith = true;
    };
  cleanSource =
    src:
    cleanSourceWith {
      inherit src;
      filter = cleaned;
    };
  sourceByRegex =
    src: patterns:
    let
      root = toString (src.origSrc or src) + "/";
      relative = lib.removePrefix root;
    in
    cleanSourceWith {
      inherit src;
      filter =
        path: _: lib.any (pattern: builtins.match pattern (relative (toString path)) != null) patterns;
    };
  sourceFilesBySuffices =
    src: suffixes:
    cleanSourceWith {
      inherit src;
      filter =
        path: type: type == "directory" || lib.any (suffix: lib.hasSuffix suffix (base path)) suffixes;
    };
}
