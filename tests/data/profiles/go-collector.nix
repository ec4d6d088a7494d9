# Garbage collection in Go that begins later, and nothing else.
{
  packages.go_1_24 = {
    compilerHeap = 512;
    linkerGcPercent = 400;
    goGcPercent = 200;
  };
}
