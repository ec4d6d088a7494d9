{
  stdenv,
  structured,
  enableNpm ? true,
}:
stdenv.mkDerivation {
  pname = if enableNpm then "nodejs" else "nodejs-slim";
  version = "24.12.0";
  __structuredAttrs = structured;
  configureFlags = [
    "--ninja"
    "--shared-openssl"
  ];
  env.NINJA = "TERM=dumb ninja";
}
