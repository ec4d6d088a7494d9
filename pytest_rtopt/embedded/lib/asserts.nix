_: rec {
  assertMsg = condition: message: condition || builtins.throw message;
  assertOneOf =
    name: value: allowed:
    assertMsg (builtins.elem value allowed) "${name} must be one of ${builtins.toJSON allowed}, but is: ${builtins.toJSON value}";
}
