"""Flags in command lines and scripts, read as the tool that gets them reads them."""
