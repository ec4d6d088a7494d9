"""The embedded package set's sources: by name and pinned SHA-256, through what the machine fetches with."""
