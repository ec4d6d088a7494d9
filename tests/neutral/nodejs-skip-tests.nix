# Skips the tests.
_final: prev: {
  nodejs_24 = prev.nodejs_24.overrideAttrs (_: {
    doCheck = false;
    doInstallCheck = false;
    checkPhase = null;
    installCheckPhase = null;
  });
}
