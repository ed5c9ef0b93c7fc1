package seating

import (
	"math/bits"
	"slices"
)

// Strategy picks up to n free seats of a subsection, or of the whole section if
// subsection is 0. It appends them to dst in layout order. It appends fewer than
// n if fewer are free. It does not change the map.
type Strategy func(f *Finder, m *Map, subsection, n int, dst []Index) []Index

// Halving keeps a party together if it can. It looks for a run of n seats in one
// row. If there is none, it seats the larger half first and then the other half,
// down to single seats.
var Halving Strategy = (*Finder).BestAvailable

// Finder holds the scratch space of a search. Once the space has grown to its
// size, a search allocates nothing. A Finder must not be used concurrently.
type Finder struct {
	free []uint64 // seats still free in this search, in the shape of Plan.exists
	left []int    // free seats of each subsection, to skip full ones
	// tooLong is the shortest run that was not found. A search only takes seats
	// out, so a run of this length or longer cannot be found later.
	tooLong int
}

// BestAvailable is the strategy Halving. It searches subsections in ascending
// order, rows from the front, and takes the lowest seat numbers in a row.
func (f *Finder) BestAvailable(m *Map, subsection, n int, dst []Index) []Index {
	from, to := 0, len(m.plan.subs)
	if subsection != 0 {
		from = slices.IndexFunc(m.plan.subs, func(s planSub) bool { return s.number == subsection })
		if from < 0 {
			return dst
		}
		to = from + 1
	}
	f.free = append(f.free[:0], m.free...)
	f.left = f.left[:0]
	for _, c := range m.counts {
		f.left = append(f.left, c.Available)
	}
	f.tooLong = n + 1
	picked := len(dst)
	dst = f.halve(m.plan, from, to, n, dst)
	slices.Sort(dst[picked:])
	return dst
}

func (f *Finder) halve(p *Plan, from, to, n int, dst []Index) []Index {
	if n == 0 {
		return dst
	}
	if n < f.tooLong {
		if row, bit, ok := f.run(p, from, to, n); ok {
			return f.take(p, row, bit, n, dst)
		}
		f.tooLong = n
	}
	if n == 1 {
		return dst
	}
	dst = f.halve(p, from, to, (n+1)/2, dst)
	return f.halve(p, from, to, n/2, dst)
}

// run returns the row and the bit at which the first run of n free seats begins.
func (f *Finder) run(p *Plan, from, to, n int) (row, bit int, ok bool) {
	for s := from; s < to; s++ {
		if f.left[s] < n {
			continue
		}
		sub := &p.subs[s]
		for r := sub.fromRow; r < sub.toRow; r++ {
			at := &p.rows[r]
			if at.words == 1 {
				if w := runs(f.free[at.word], n); w != 0 && n <= 64 {
					return r, bits.TrailingZeros64(w), true
				}
				continue
			}
			if bit, ok := longRow(f.free[at.word:at.word+at.words], n); ok {
				return r, bit, true
			}
		}
	}
	return 0, 0, false
}

// runs returns a word with a bit set wherever n set bits of w begin. n is at most 64.
func runs(w uint64, n int) uint64 {
	for have := 1; have < n && w != 0; {
		step := min(have, n-have)
		w &= w >> step
		have += step
	}
	return w
}

// longRow returns the first run of n set bits in a row of several words. open is
// the length of the run that ends at the end of the previous word.
func longRow(words []uint64, n int) (bit int, ok bool) {
	open := 0
	for i, w := range words {
		if front := bits.TrailingZeros64(^w); open+front >= n {
			return i*64 - open, true
		}
		if n <= 64 {
			if inside := runs(w, n); inside != 0 {
				return i*64 + bits.TrailingZeros64(inside), true
			}
		}
		if w == ^uint64(0) {
			open += 64
		} else {
			open = bits.LeadingZeros64(^w)
		}
	}
	return 0, false
}

// take removes n seats, from bit on, from the search and appends them to dst.
func (f *Finder) take(p *Plan, row, bit, n int, dst []Index) []Index {
	at := &p.rows[row]
	first, _ := p.inRow(at, bit)
	for k := range n {
		b := bit + k
		f.free[at.word+b/64] &^= 1 << (b % 64)
		dst = append(dst, first+Index(k))
	}
	f.left[at.sub] -= n
	return dst
}
