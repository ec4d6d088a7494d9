"""Sources of the embedded package set: pinned by SHA-256 and fetched with the machine's package managers."""
