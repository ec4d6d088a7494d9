# What nixpkgs' `lib` has and the embedded set's does without: arguments that are still known after `overrideAttrs`.
base: rec {
  makeOverridable =
    f: args:
    let
      result = f args;
    in
    result
    // {
      override = {
        __functor =
          _: change: makeOverridable f (args // (if base.isFunction change then change args else change));
        __functionArgs = functionArgs f;
      };
    }
    // base.optionalAttrs (result ? overrideAttrs) {
      overrideAttrs = change: makeOverridable (extended f change) args;
    };

  # `f` with its result's attributes overridden, and with its arguments still known.
  extended = f: change: {
    __functor = _: arguments: (f arguments).overrideAttrs change;
    __functionArgs = functionArgs f;
  };

  functionArgs = f: if base.isAttrs f then f.__functionArgs else base.functionArgs f;

  callPackageWith =
    scope: file: args:
    let
      f = import file;
    in
    makeOverridable f (base.intersectAttrs (functionArgs f) scope // args);
}
