#include <stdio.h>

int engine(int character);

/* Runs a script: counts what the engine thinks of each of its characters. */
int main(int argc, char **argv) {
  FILE *script = argc > 1 ? fopen(argv[1], "r") : NULL;
  int character, sum = 0;
  if (script == NULL) return 2;
  while ((character = getc(script)) != EOF) sum += engine(character);
  printf("%d\n", sum);
  return 0;
}
