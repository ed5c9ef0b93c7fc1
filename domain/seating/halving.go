package seating

import (
	"math/bits"
	"slices"
)

// Strategy picks up to n free seats of a subsection (0: of the section). It
// appends to dst in layout order, fewer than n if there are no more, and does
// not change the map.
type Strategy func(f *Finder, m *Map, subsection, n int, dst []Index) []Index

// Halving keeps a party together as long as it can: a run of n in one row,
// else the larger half first and then the other, down to single seats.
var Halving Strategy = (*Finder).BestAvailable

// Finder holds the scratch space of a search, so that a search allocates
// nothing once the space has its size. It has one user at a time.
type Finder struct {
	free []uint64 // what is still free in this search, shape of the rows searched
	left []int    // free seats by subsection, to pass over what is full
	// tooLong is the shortest run that was not to be found: seats are only taken
	// out, so no longer one will be found either.
	tooLong int
}

// BestAvailable is the strategy halving: subsections in ascending order, rows
// from the front, the lowest number in the row.
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

// run finds the first run of n free seats.
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

// runs has a bit set wherever n set bits of w begin, for n ≤ 64.
func runs(w uint64, n int) uint64 {
	for have := 1; have < n && w != 0; {
		step := min(have, n-have)
		w &= w >> step
		have += step
	}
	return w
}

// longRow finds the first run of n set bits over several words: open is the
// length of the run that reaches the end of the word before.
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

// take takes n seats from a bit on out of the search.
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
