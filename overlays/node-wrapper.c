/* Starts the real node with what a hardware profile asks for at run time. Defined when it is compiled:
 *   RTOPT_NODE            the program to start
 *   RTOPT_COMPILE_CACHE   give it a directory for compiled code, unless NODE_COMPILE_CACHE is set, even to nothing
 *   RTOPT_V8_OPTION       an option to put before the user's arguments
 *   RTOPT_PRELOAD         a library to load first; processes that node starts inherit it
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As in the wrappers of nixpkgs: tools read from this text which program is behind. */
__attribute__((used)) static const char documentation[] = "makeCWrapper '" RTOPT_NODE "'";

static int fail(const char *what) {
  fprintf(stderr, "node: %s: %s\n", what, strerror(errno));
  return 127;
}

#ifdef RTOPT_COMPILE_CACHE
static int is_directory(const char *path) {
  struct stat found;
  return path != NULL && path[0] == '/' && stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

/* Never below a directory that others can write to, as node's own default is: whoever puts compiled code there before
 * the user does decides what the user runs. And never below a home that does not exist, as in builds of Nix. */
static int give_compile_cache(void) {
  const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  char *directory = NULL;
  int written = 0;
  if (getenv("NODE_COMPILE_CACHE") != NULL) return 0;
  if (is_directory(cache))
    written = asprintf(&directory, "%s/node-compile-cache", cache);
  else if (is_directory(home))
    written = asprintf(&directory, "%s/.cache/node-compile-cache", home);
  if (written < 0 || (directory != NULL && setenv("NODE_COMPILE_CACHE", directory, 0) != 0)) return -1;
  free(directory);
  return 0;
}
#endif

#ifdef RTOPT_PRELOAD
static int preload(void) {
  const char *others = getenv("LD_PRELOAD");
  char *libraries = NULL;
  if (others == NULL || others[0] == '\0') return setenv("LD_PRELOAD", RTOPT_PRELOAD, 1);
  if (strstr(others, RTOPT_PRELOAD) != NULL) return 0;
  if (asprintf(&libraries, "%s:%s", RTOPT_PRELOAD, others) < 0) return -1;
  return setenv("LD_PRELOAD", libraries, 1);
}
#endif

int main(int argc, char **argv) {
  char **arguments = calloc((size_t)argc + 2, sizeof *arguments);
  int count = 0;
  if (arguments == NULL) return fail("arguments");
#ifdef RTOPT_COMPILE_CACHE
  if (give_compile_cache() != 0) return fail("NODE_COMPILE_CACHE");
#endif
#ifdef RTOPT_PRELOAD
  if (preload() != 0) return fail("LD_PRELOAD");
#endif
  arguments[count++] = argc > 0 ? argv[0] : "node";
#ifdef RTOPT_V8_OPTION
  arguments[count++] = RTOPT_V8_OPTION;
#endif
  for (int n = 1; n < argc; n++) arguments[count++] = argv[n];
  execv(RTOPT_NODE, arguments);
  return fail(RTOPT_NODE);
}
