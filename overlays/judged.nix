# What the ledger and the profile's policy say of each runtime, without looking at any package: those that may be
# applied, and for each of them what it was judged on.
{
  profile,
  # The ledger's path; null for none
  ledger,
  # By name, as in ./runtimes.nix
  runtimes,
  # Leave out what the ledger does not know as good, too
  judgedOnly,
}:
let
  exists = ledger != null && builtins.pathExists ledger;
  content = builtins.fromJSON (builtins.readFile ledger);
  schema = content.schema or 1;
  remembered =
    if !exists then
      { }
    else if schema != 1 then
      throw "rtopt: the ledger ${toString ledger} has schema ${toString schema}, and these overlays read schema 1; take them from the pytest-rtopt that wrote it"
    else
      content.runtimes or { };

  gate = if profile.gate or null == null then { } else profile.gate;
  require = gate.require or "no-regression";
  keepStale = gate.stale or "fail" == "warn";

  settled = finding: finding.rating or "effect" == "intent" || finding.status != "unproven";
  good =
    entry:
    let
      verified = entry.findings or [ ] != [ ] && builtins.all settled entry.findings;
    in
    {
      "adopt" = entry.verdict == "adopt";
      "no-regression" = entry.verdict == "adopt" || entry.verdict == "neutral";
      "verified" = verified;
    }
    .${require}
      or (throw "rtopt: gate.require = \"${toString require}\" must be one of adopt no-regression verified");

  judge =
    name:
    let
      entry = remembered.${name} or null;
      verdict = if entry == null then "pending" else entry.verdict;
      inputs = import ./inputs.nix {
        inherit profile name;
        overlays = [ runtimes.${name}.overlay ];
      };
    in
    {
      applied = verdict != "reject" && (!judgedOnly || (entry != null && good entry));

      # Whether what was judged was made of this overlay, this profile and, told by its stock build, these packages.
      # Packages without any overlay, which the caller imports: in the overlaid set, stock's own dependencies are not
      # stock's.
      fresh =
        stock:
        entry == null
        || keepStale
        || (
          (entry.inputs or null) == inputs
          &&
            (builtins.tryEval ((stock.${entry.attr or "?"}.outPath or null) == (entry.baseline.out or ""))) == {
              success = true;
              value = true;
            }
        );
    };
in
builtins.mapAttrs (name: _: judge name) runtimes
