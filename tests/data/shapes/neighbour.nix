# An overlay of somebody else on the same packages; `attrs` are those that compile.
attrs: _final: prev:
let
  mark =
    package:
    package.overrideAttrs (old: {
      env = (old.env or { }) // {
        NEIGHBOUR = "1";
      };
    });
  python = prev.${attrs.python}.overrideAttrs (old: {
    env = old.env // {
      NEIGHBOUR = "1";
      NIX_CFLAGS_COMPILE = toString [
        (old.env.NIX_CFLAGS_COMPILE or "")
        "-DNEIGHBOUR"
      ];
    };
  });
  rust = prev.${attrs.rust};
in
{
  ${attrs.go} = mark prev.${attrs.go};
  ${attrs.nodejsCompiling} = mark prev.${attrs.nodejsCompiling};
  ${attrs.python} = python;
  ${attrs.rust} = rust // {
    packages = rust.packages // {
      stable = rust.packages.stable.overrideScope (
        _: super: { rustc-unwrapped = mark super.rustc-unwrapped; }
      );
    };
  };
}
