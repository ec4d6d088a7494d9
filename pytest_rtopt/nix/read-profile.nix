# The value of a hardware profile; a function of no or only optional arguments is called first.
{ path }:
let
  profile = import (/. + path);
in
if builtins.isFunction profile then profile { } else profile
