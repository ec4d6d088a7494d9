# `override` and its kin, `callPackage`, and scopes.
{ lib }:
rec {
  # A result that can be made again with changed arguments, also after `overrideAttrs`.
  makeOverridable =
    f:
    let
      overridable =
        arguments:
        let
          result = f arguments;
          overrideWith = change: arguments // lib.toFunction change arguments;
          override = lib.mirrorFunctionArgs f (change: makeOverridable f (overrideWith change));
          overrideResult = g: makeOverridable (lib.mirrorFunctionArgs f (given: g (f given))) arguments;
        in
        if builtins.isAttrs result then
          result
          // {
            inherit override;
            overrideDerivation = change: overrideResult (package: overrideDerivation package change);
          }
          // lib.optionalAttrs (result ? overrideAttrs) {
            overrideAttrs = change: overrideResult (package: package.overrideAttrs change);
          }
        else if lib.isFunction result then
          lib.setFunctionArgs result (lib.functionArgs result) // { inherit override; }
        else
          result;
    in
    lib.mirrorFunctionArgs f overridable;

  # The same derivation with some of its attributes changed, below all that `mkDerivation` does. `condition` is held
  # when the result is.
  overrideDerivation =
    package: change:
    extendDerivation (builtins.seq package.drvPath true) (
      {
        meta = package.meta or { };
        passthru = package.passthru or { };
      }
      // package.passthru or { }
    ) (derivation (package.drvAttrs // change package));

  # A derivation with more attributes, also on each of its outputs.
  extendDerivation =
    condition: more: package:
    let
      outputs = package.outputs or [ "out" ];
      byName = lib.genAttrs outputs (
        output:
        common
        // {
          inherit (package.${output}) type outputName;
          outputSpecified = true;
          drvPath =
            assert condition;
            package.${output}.drvPath;
          outPath =
            assert condition;
            package.${output}.outPath;
        }
      );
      common =
        package
        // byName
        // {
          all = map (output: byName.${output}) outputs;
        }
        // more;
    in
    common
    // {
      drvPath =
        assert condition;
        package.drvPath;
      outPath =
        assert condition;
        package.outPath;
    };

  callPackageWith =
    scope: fileOrFunction: arguments:
    let
      f = if lib.isFunction fileOrFunction then fileOrFunction else import fileOrFunction;
      wanted = lib.functionArgs f;
      given = builtins.intersectAttrs wanted scope // arguments;
      missing = lib.filter (name: !(wanted.${name} || given ? ${name})) (lib.attrNames wanted);
    in
    if missing == [ ] then
      makeOverridable f given
    else
      abort "lib.customisation.callPackageWith: Function called without required argument \"${lib.head missing}\"${
        lib.optionalString (!lib.isFunction fileOrFunction) " at ${toString fileOrFunction}"
      }";
  callPackagesWith =
    scope: fileOrFunction: arguments:
    let
      f = if lib.isFunction fileOrFunction then fileOrFunction else import fileOrFunction;
      overridable = makeOverridable f (builtins.intersectAttrs (lib.functionArgs f) scope // arguments);
    in
    lib.mapAttrs
      (
        name: package:
        if builtins.isAttrs package then
          package
          // {
            override = change: (overridable.override change).${name};
          }
        else
          package
      )
      (
        removeAttrs overridable [
          "override"
          "overrideDerivation"
        ]
      );

  # Sets whose members find each other in them, also after `overrideScope`.
  makeScope =
    newScope: f:
    let
      self = f self // {
        newScope = more: newScope (self // more);
        callPackage = self.newScope { };
        overrideScope = change: makeScope newScope (lib.extends change f);
        packages = f;
      };
    in
    self;

  # A function like `constructDrv` whose arguments are extended before they reach it, and which takes a set or
  # `finalAttrs: …` as that one does.
  extendMkDerivation =
    {
      constructDrv,
      excludeDrvArgNames ? [ ],
      extendDrvArgs,
      inheritFunctionArgs ? true,
      transformDrv ? lib.id,
    }:
    lib.setFunctionArgs
      (
        arguments:
        transformDrv (
          constructDrv (
            finalAttrs:
            let
              given = lib.toFunction arguments finalAttrs;
            in
            removeAttrs given excludeDrvArgNames // extendDrvArgs finalAttrs given
          )
        )
      )
      (
        removeAttrs (
          lib.functionArgs (extendDrvArgs { })
          // lib.optionalAttrs inheritFunctionArgs (lib.functionArgs constructDrv)
        ) excludeDrvArgNames
      );
}
