"""Everything that knows pytest: hooks, options, settings, selection, records and fixtures."""
