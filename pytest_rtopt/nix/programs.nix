# Programs of this project built by a runtime, through the builder that the package set's own packages use: what the
# runtime's consumers get. Null for runtimes that compile nothing.
{
  name,
  packages,
  package,
  sources,
}:
let
  goModule = packages.buildGo124Module or packages.buildGoModule;
  builders = {
    go =
      # A builder bound to another compiler than the judged one is called with the judged one (`scope = "add"`).
      (if goModule ? override then goModule.override { go = package; } else goModule) {
        pname = "rtopt-go-programs";
        version = "1";
        src = builtins.path {
          path = sources + "/go/records";
          name = "rtopt-go-programs";
        };
        vendorHash = null;
      };
  };
in
builders.${name} or null
