// Prints the percentage that the garbage collector starts with.
package main

import (
	"fmt"
	"runtime/debug"
)

func main() {
	fmt.Println(debug.SetGCPercent(-1))
}
