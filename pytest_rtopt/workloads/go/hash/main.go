// Command hash compresses made-up log files, unpacks them again and prints the SHA-256 of both forms: what archivers,
// backups and downloaders of packages do.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

const (
	files = 6
	lines = 9000
)

// generator is the linear congruential generator of Knuth's MMIX; its stream is the same on every machine.
type generator uint64

func (g *generator) below(limit int) int {
	*g = *g*6364136223846793005 + 1442695040888963407
	return int(uint64(*g)>>33) % limit
}

func written(g *generator) []byte {
	levels := []string{"INFO", "WARN", "ERROR", "DEBUG"}
	verbs := []string{"opened", "closed", "retried", "dropped", "accepted"}
	var text bytes.Buffer
	for line := range lines {
		fmt.Fprintf(&text, "%08d %s connection %d %s after %d ms\n",
			line, levels[g.below(4)], g.below(5000), verbs[g.below(5)], g.below(900))
	}
	return text.Bytes()
}

func packed(data []byte) ([]byte, error) {
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	if _, err := writer.Write(data); err != nil {
		return nil, err
	}
	err := writer.Close()
	return out.Bytes(), err
}

func run(out io.Writer) error {
	g := generator(11)
	digest := sha256.New()
	sum := uint32(0)
	for range files {
		plain := written(&g)
		small, err := packed(plain)
		if err != nil {
			return err
		}
		reader, err := gzip.NewReader(bytes.NewReader(small))
		if err != nil {
			return err
		}
		again, err := io.ReadAll(reader)
		if err != nil {
			return err
		}
		if !bytes.Equal(plain, again) {
			return errors.New("what was unpacked is not what was packed")
		}
		digest.Write(again)
		sum = crc32.Update(sum, crc32.IEEETable, small)
	}
	_, err := fmt.Fprintf(out, "hash %x %08x\n", digest.Sum(nil), sum)
	return err
}

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "hash:", err)
		os.Exit(1)
	}
}
