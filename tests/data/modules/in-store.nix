# A file as an evaluation with flakes sees it: in the store.
{ file }:
"${builtins.path {
  path = file;
  name = "rtopt.lock.json";
}}"
