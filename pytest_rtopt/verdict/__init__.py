"""From findings and measurements to a decision, and the ledger that remembers it."""
