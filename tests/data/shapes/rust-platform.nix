{ stdenv }:
{
  override = null;
  __functor =
    _:
    { rustc, cargo }:
    {
      buildRustPackage =
        arguments:
        stdenv.mkDerivation {
          inherit (arguments) pname version src;
          nativeBuildInputs = [
            rustc
            cargo
          ];
        };
    };
}
