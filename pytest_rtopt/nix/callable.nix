# What can be told of a function without calling it. Sets with `__functor` count as functions.
rec {
  isCallable = value: builtins.isFunction value || (builtins.isAttrs value && value ? __functor);

  # Whether each named argument has a default, by name; empty where the function takes one value of any kind.
  argumentsOf =
    function:
    if builtins.isFunction function then
      builtins.functionArgs function
    else
      function.__functionArgs or { };

  positionOfArgument =
    function: name:
    if builtins.isFunction function then
      builtins.unsafeGetAttrPos name (builtins.functionArgs function)
    else
      null;

  # Whether the argument is a set that is taken apart, as in `{ ... }:`. Only the XML of a function tells.
  takesSet =
    function:
    builtins.isFunction function && builtins.match ".*<attrspat.*" (builtins.toXML function) != null;

  # The name of the argument; null where it is taken apart.
  nameOf =
    function:
    let
      found = builtins.match ".*<varpat name=\"([^\"]*)\" />.*" (builtins.toXML function);
    in
    if !builtins.isFunction function || found == null then null else builtins.head found;

  # `_final` is named like `final`.
  isNamed =
    names: function:
    let
      name = nameOf function;
    in
    name != null && builtins.elem (builtins.head (builtins.match "_*(.*)" name)) names;
}
