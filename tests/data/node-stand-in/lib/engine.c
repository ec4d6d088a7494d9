#include <stdio.h>
#include <stdlib.h>

/* What no script has, so that a profile calls it cold. */
static void refuse(int character) {
  fprintf(stderr, "character %d\n", character);
  exit(3);
}

int engine(int character) {
  if (character == 0) refuse(character);
  if (character == 1) fprintf(stderr, "one: %d\n", character * 3);
  return character % 7 ? character ^ 3 : character;
}
