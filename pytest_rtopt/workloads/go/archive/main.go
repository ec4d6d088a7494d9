// Command archive generates text, packs it with DEFLATE, unpacks it again, searches the lines with a regular expression
// and keeps the ranks of the words in a compact bit set, then prints the CRC-32 of what it found.
package main

import (
	"bufio"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"
	"os"
	"regexp"
)

const lines = 24000

var (
	words   = []string{"store", "derivation", "overlay", "profile", "sample", "pair", "verdict", "ledger", "closure"}
	pattern = regexp.MustCompile(`(overlay|ledger)-(\d+)(?: \w+-\d*7)+$`)
)

// bitset counts its members below a position by population count.
type bitset []uint64

func (b bitset) add(member int) { b[member/64] |= 1 << (member % 64) }

func (b bitset) rank(position int) int {
	count := 0
	for _, word := range b[:position/64] {
		count += bits.OnesCount64(word)
	}
	return count + bits.OnesCount64(b[position/64]&(1<<(position%64)-1))
}

func pack(to io.Writer) error {
	compressor, err := flate.NewWriter(to, flate.DefaultCompression)
	if err != nil {
		return err
	}
	state := uint32(1)
	below := func(limit int) int {
		state = state*1664525 + 1013904223
		return int(state>>8) % limit
	}
	for range lines {
		for range 3 + below(6) {
			if _, err := fmt.Fprintf(compressor, "%s-%d ", words[below(len(words))], below(10000)); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintln(compressor, "end-7"); err != nil {
			return err
		}
	}
	return compressor.Close()
}

func search(from io.Reader) (found int, digest uint32, err error) {
	seen := make(bitset, 10000/64+1)
	hash := crc32.NewIEEE()
	scanner := bufio.NewScanner(from)
	for scanner.Scan() {
		match := pattern.FindSubmatch(scanner.Bytes())
		if match == nil {
			continue
		}
		found++
		var number int
		for _, digit := range match[2] {
			number = number*10 + int(digit-'0')
		}
		seen.add(number)
		if _, err := fmt.Fprintf(hash, "%s %d\n", match[1], seen.rank(number)); err != nil {
			return 0, 0, err
		}
	}
	return found, hash.Sum32(), scanner.Err()
}

func run(out io.Writer) error {
	var packed bytes.Buffer
	if err := pack(&packed); err != nil {
		return err
	}
	size := packed.Len()
	unpacked := flate.NewReader(&packed)
	found, digest, err := search(unpacked)
	if err = errors.Join(err, unpacked.Close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "archive %d %d %08x\n", size, found, digest)
	return err
}

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "archive:", err)
		os.Exit(1)
	}
}
