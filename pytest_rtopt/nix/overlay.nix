# An overlay file as a function of `final: prev:`, whichever form it has: that, or, as in this project,
# `hardwareProfile: final: prev:`. A first argument that serves as both tells them apart without evaluating more of the
# file than its head.
profile: path: final: prev:
let
  overlay = import path;
  applied = overlay (prev // profile) prev;
in
if !builtins.isFunction overlay then
  throw "rtopt: the overlay ${path} is a ${builtins.typeOf overlay}, not a function of `final: prev:` or `hardwareProfile: final: prev:`"
else if builtins.isFunction applied then
  overlay profile final prev
else
  overlay final prev
