"""Sources of small programs that choose code at run time."""

IFUNC = r"""
#define TWICE { for (int i = 0; i < n; i++) a[i] += a[i]; }
__attribute__((noipa)) static void plain(int *a, int n) TWICE
__attribute__((noipa, target("avx2"))) static void fast(int *a, int n) TWICE
static void (*choose(void))(int *, int) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") ? fast : plain;
}
void twice(int *a, int n) __attribute__((ifunc("choose")));
int main(int argc, char **argv) { int a[64] = {argc}; twice(a, 64); return a[0]; }
"""

CALLERS = r"""
#define TWICE { for (int i = 0; i < n; i++) a[i] += a[i]; }
__attribute__((noipa)) static void plain(int *a, int n) TWICE
__attribute__((noipa, target("avx2"))) static void wide(int *a, int n) TWICE
__attribute__((noipa, target("avx2"))) static void also_elsewhere(int *a, int n) TWICE
__attribute__((noipa)) static void elsewhere(int *a) { also_elsewhere(a, 64); }
int main(int argc, char **argv) {
  int a[64] = {argc};
  if (__builtin_cpu_supports("avx2")) { wide(a, 64); also_elsewhere(a, 64); } else plain(a, 64);
  if (argc > 9) elsewhere(a);
  return a[0];
}
"""
