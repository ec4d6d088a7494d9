"""What build logs show: the compilers' command lines, warnings, and the flags that take effect."""
