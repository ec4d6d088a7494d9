# The name of the package that `scope = "add"`, or a stranger's overlay, put beside a runtime's own; null where there is
# none. Where the package set has a newer version than the overlay is named after (Go 1.26 for Go 1.24), the overlay's
# name stays.
{
  packages,
  # The runtime's attribute in the package set
  attr,
  # All names that the runtime has had, as in ./runtimes.json
  attributes,
}:
builtins.head (
  builtins.filter (name: packages ? ${name}) (
    map (name: "${name}-optimized") ([ attr ] ++ attributes)
  )
  ++ [ null ]
)
