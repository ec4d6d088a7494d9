"""Hardware profiles, detection of this machine, and checks that a profile fits this machine."""
