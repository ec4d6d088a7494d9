"""What ELF files show beside their instructions: symbols, libraries, compilers, run-time dispatch."""
