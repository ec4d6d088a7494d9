# Functions about functions, numbers, files and messages.
{ lib }:
rec {
  inherit (builtins)
    add
    bitAnd
    bitOr
    bitXor
    deepSeq
    div
    fromJSON
    genericClosure
    isAttrs
    isBool
    isFloat
    isInt
    isList
    isPath
    isString
    lessThan
    pathExists
    readFile
    seq
    sub
    toJSON
    tryEval
    typeOf
    ;

  id = x: x;
  const = x: _: x;
  pipe = builtins.foldl' (x: f: f x);
  flip =
    f: a: b:
    f b a;
  concat = left: right: left ++ right;
  or = left: right: left || right;
  and = left: right: left && right;
  xor = left: right: left != right;
  boolToString = value: if value then "true" else "false";
  boolToYesNo = value: if value then "yes" else "no";
  mergeAttrs = left: right: left // right;
  mapNullable = f: value: if value == null then value else f value;
  defaultTo = default: value: if value == null then default else value;
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mod = base: divisor: base - divisor * (builtins.div base divisor);
  compare =
    a: b:
    if a < b then
      -1
    else if a > b then
      1
    else
      0;

  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);

  # The release that the embedded set is written after.
  release = "25.11";
  version = release;
  inNixShell = builtins.getEnv "IN_NIX_SHELL" != "";

  # Functions, of which some are sets that know the arguments they take
  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));
  functionArgs =
    f:
    if f ? __functor then
      f.__functionArgs or (functionArgs (f.__functor f))
    else
      builtins.functionArgs f;
  setFunctionArgs = f: arguments: {
    __functor = _: f;
    __functionArgs = arguments;
  };
  mirrorFunctionArgs = f: g: setFunctionArgs g (functionArgs f);
  toFunction = value: if isFunction value then value else const value;

  # Messages
  warn = message: value: builtins.trace "warning: ${message}" value;
  warnIf = condition: message: if condition then warn message else id;
  warnIfNot = condition: warnIf (!condition);
  info = message: value: builtins.trace "INFO: ${message}" value;
  throwIf = condition: message: if condition then throw message else id;
  throwIfNot = condition: throwIf (!condition);
  traceVal = value: builtins.trace value value;
  traceValFn = f: value: builtins.trace (f value) value;
  traceSeq = shown: value: builtins.trace (builtins.deepSeq shown shown) value;
  traceValSeq = value: traceSeq value value;
  traceIf =
    condition: message: value:
    if condition then builtins.trace message value else value;
  showWarnings = warnings: value: lib.foldr warn value warnings;
}
