// Command service answers requests from memory, several at a time, and allocates and forgets as it goes: a service whose
// time is for a good part that of the garbage collector.
package main

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	workers  = 4
	requests = 30_000
	accounts = 4000
)

type entry struct {
	key    string
	fields map[string]string
	next   *entry
}

// store keeps the latest entries of each account as a list, newest first.
type store struct {
	lock    sync.Mutex
	entries [accounts]*entry
}

// put adds an entry and drops what is older than the newest eight.
func (s *store) put(account int, added *entry) int {
	s.lock.Lock()
	defer s.lock.Unlock()
	added.next = s.entries[account]
	s.entries[account] = added
	kept := 1
	for at := added; at.next != nil; at = at.next {
		if kept == 8 {
			at.next = nil
			break
		}
		kept++
	}
	return kept
}

// serve handles the requests of one worker, which has accounts of its own: the answer does not depend on who is first.
func serve(s *store, worker int) [sha256.Size]byte {
	state := uint64(worker + 1)
	below := func(limit int) int {
		state = state*6364136223846793005 + 1442695040888963407
		return int(state>>33) % limit
	}
	digest := sha256.New()
	for number := range requests {
		account := below(accounts/workers)*workers + worker
		fields := make(map[string]string, 6)
		for range 2 + below(5) {
			fields["field-"+strconv.Itoa(below(20))] = strings.Repeat("x", 1+below(60))
		}
		kept := s.put(account, &entry{key: strconv.Itoa(number), fields: fields})
		names := make([]string, 0, len(fields))
		for name, value := range fields {
			names = append(names, name+"="+value)
		}
		slices.Sort(names)
		fmt.Fprintf(digest, "%d %d %s\n", account, kept, strings.Join(names, "&"))
	}
	return [sha256.Size]byte(digest.Sum(nil))
}

func main() {
	var s store
	var done sync.WaitGroup
	answers := make([][sha256.Size]byte, workers)
	for worker := range workers {
		done.Add(1)
		go func() {
			defer done.Done()
			answers[worker] = serve(&s, worker)
		}()
	}
	done.Wait()
	whole := sha256.New()
	for _, answer := range answers {
		whole.Write(answer[:])
	}
	fmt.Printf("service %x\n", whole.Sum(nil))
}
