"""What every other package may use: processes, errors, atomic writes, directories of state and data."""
