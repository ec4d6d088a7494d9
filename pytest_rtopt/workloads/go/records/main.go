// Command records generates orders, encodes them as JSON, decodes them again, aggregates them by customer, sorts the
// aggregates and prints the SHA-256 of their JSON: a data transformation as command-line programs do it.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"os"
	"slices"
	"strconv"
	"strings"
)

const orders = 40000

type item struct {
	SKU      string  `json:"sku"`
	Quantity int     `json:"quantity"`
	Price    float64 `json:"price"`
}

type order struct {
	ID       int               `json:"id"`
	Customer string            `json:"customer"`
	Items    []item            `json:"items"`
	Labels   map[string]string `json:"labels"`
}

type summary struct {
	Customer string  `json:"customer"`
	Orders   int     `json:"orders"`
	Total    float64 `json:"total"`
	Flags    uint64  `json:"flags"`
	Weight   int     `json:"weight"`
	SKUs     string  `json:"skus"`
}

// generator is the linear congruential generator of Knuth's MMIX; its stream is the same on every machine.
type generator uint64

func (g *generator) below(limit int) int {
	*g = *g*6364136223846793005 + 1442695040888963407
	return int(uint64(*g)>>33) % limit
}

func write(to io.Writer) error {
	g := generator(2024)
	encoder := json.NewEncoder(to)
	for id := range orders {
		o := order{ID: id, Customer: "customer-" + strconv.Itoa(g.below(700)), Labels: map[string]string{}}
		for range 1 + g.below(5) {
			o.Items = append(o.Items, item{
				SKU:      fmt.Sprintf("sku-%05x", g.below(1<<20)),
				Quantity: 1 + g.below(9),
				Price:    float64(g.below(100000)) / 100,
			})
		}
		o.Labels["region"] = strings.Repeat("r", 1+g.below(8))
		o.Labels["channel"] = "channel <" + strconv.Itoa(g.below(16)) + ">"
		if err := encoder.Encode(o); err != nil {
			return err
		}
	}
	return nil
}

func aggregate(from io.Reader) ([]summary, error) {
	totals := map[string]*summary{}
	skus := map[string][]string{}
	decoder := json.NewDecoder(bufio.NewReader(from))
	for {
		var o order
		if err := decoder.Decode(&o); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		s := totals[o.Customer]
		if s == nil {
			s = &summary{Customer: o.Customer}
			totals[o.Customer] = s
		}
		s.Orders++
		for _, i := range o.Items {
			s.Total += float64(i.Quantity) * i.Price
			s.Flags = bits.RotateLeft64(s.Flags, i.Quantity) ^ uint64(len(i.SKU)*o.ID)
			skus[o.Customer] = append(skus[o.Customer], strings.ToUpper(i.SKU))
		}
		for _, label := range o.Labels {
			s.Weight += len(label)
		}
	}
	summaries := make([]summary, 0, len(totals))
	for customer, s := range totals {
		slices.Sort(skus[customer])
		s.SKUs = strings.Join(slices.Compact(skus[customer]), ",")
		s.Weight += bits.OnesCount64(s.Flags)
		// Rounded to cents: a fused multiply-add may differ in the last bit.
		s.Total = float64(int64(s.Total*100+0.5)) / 100
		summaries = append(summaries, *s)
	}
	slices.SortFunc(summaries, func(a, b summary) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), strings.Compare(a.Customer, b.Customer))
	})
	return summaries, nil
}

func run(out io.Writer) error {
	var stored bytes.Buffer
	if err := write(&stored); err != nil {
		return err
	}
	summaries, err := aggregate(&stored)
	if err != nil {
		return err
	}
	answer, err := json.Marshal(summaries)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "records %d %x\n", len(summaries), sha256.Sum256(answer))
	return err
}

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "records:", err)
		os.Exit(1)
	}
}
