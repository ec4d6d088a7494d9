"""Evidence from ELF files other than instructions: symbols, libraries, compilers, run-time dispatch."""
