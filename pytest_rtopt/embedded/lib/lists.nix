# Functions about lists.
{ lib }:
rec {
  inherit (builtins)
    all
    any
    concatLists
    concatMap
    elem
    elemAt
    filter
    foldl'
    genList
    groupBy
    head
    length
    map
    partition
    sort
    tail
    ;

  singleton = x: [ x ];
  forEach = list: f: map f list;
  foldr =
    f: start: list:
    let
      from = n: if n == length list then start else f (elemAt list n) (from (n + 1));
    in
    from 0;
  fold = foldr;
  foldl = foldl';
  imap0 = f: list: genList (n: f n (elemAt list n)) (length list);
  imap1 = f: list: genList (n: f (n + 1) (elemAt list n)) (length list);
  flatten = x: if builtins.isList x then concatMap flatten x else [ x ];
  remove = unwanted: filter (x: x != unwanted);
  findFirst =
    holds: default: list:
    let
      found = filter holds list;
    in
    if found == [ ] then default else head found;
  findSingle =
    holds: none: many: list:
    let
      found = filter holds list;
    in
    if found == [ ] then
      none
    else if length found == 1 then
      head found
    else
      many;
  count = holds: list: length (filter holds list);
  optional = condition: element: if condition then [ element ] else [ ];
  optionals = condition: elements: if condition then elements else [ ];
  toList = x: if builtins.isList x then x else [ x ];
  range = first: final: if first > final then [ ] else genList (n: first + n) (final - first + 1);
  replicate = n: x: genList (_: x) n;
  zipListsWith =
    f: left: right:
    genList (n: f (elemAt left n) (elemAt right n)) (lib.min (length left) (length right));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  reverseList = list: genList (n: elemAt list (length list - n - 1)) (length list);
  sortOn = key: sort (a: b: key a < key b);
  take = count: sublist 0 count;
  drop = count: list: sublist count (length list) list;
  takeEnd = count: list: drop (lib.max 0 (length list - count)) list;
  dropEnd = count: list: take (lib.max 0 (length list - count)) list;
  sublist =
    start: count: list:
    genList (n: elemAt list (n + start)) (lib.max 0 (lib.min count (length list - start)));
  init = list: take (length list - 1) list;
  last = list: elemAt list (length list - 1);
  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  allUnique = list: length (unique list) == length list;
  intersectLists = kept: filter (x: elem x kept);
  subtractLists = removed: filter (x: !elem x removed);
  mutuallyExclusive = left: right: intersectLists left right == [ ];
}
