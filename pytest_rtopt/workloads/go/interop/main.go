// Command interop calls C from Go, in many small calls and a few large ones: what programs do that use a
// library of another language, such as a database.
package main

/*
#include <stdint.h>
#include <stdlib.h>

static uint32_t mixed(uint32_t state, uint32_t value) {
	state ^= value;
	state *= 16777619u;
	return state << 13 | state >> 19;
}

// As a library's own work on a row of numbers.
static double dot(const double *a, const double *b, size_t count) {
	double sum = 0;
	for (size_t n = 0; n < count; n++) sum += a[n] * b[n];
	return sum;
}

static int ascending(const void *a, const void *b) {
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

static void sorted(uint32_t *numbers, size_t count) {
	qsort(numbers, count, sizeof *numbers, ascending);
}
*/
import "C"

import (
	"fmt"
	"math"
	"unsafe"
)

const (
	calls = 2_000_000
	rows  = 60
	width = 20_000
)

func main() {
	state := C.uint32_t(2166136261)
	for value := range calls {
		state = C.mixed(state, C.uint32_t(value))
	}

	left, right := make([]float64, width), make([]float64, width)
	numbers := make([]uint32, width)
	total := 0.0
	seed := uint32(state)
	for range rows {
		for n := range width {
			seed = seed*1664525 + 1013904223
			left[n], right[n], numbers[n] = float64(seed>>20), float64(seed>>8&4095), seed
		}
		total += float64(C.dot((*C.double)(unsafe.Pointer(&left[0])), (*C.double)(unsafe.Pointer(&right[0])), width))
		C.sorted((*C.uint32_t)(unsafe.Pointer(&numbers[0])), width)
		seed ^= numbers[width/2]
	}
	// Whole numbers below 2^53: their sum is exact, however it is vectorized.
	fmt.Printf("interop %08x %08x %.0f\n", uint32(state), seed, math.Abs(total))
}
