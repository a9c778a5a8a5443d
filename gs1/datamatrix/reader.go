package datamatrix

import (
	"cmp"
	"context"
	"image"
	"slices"
)

// Decode reads the first symbol found in a picture. A picture in which none can be read gives ErrNotFound. The gray plane
// of *image.Gray and *image.YCbCr is used without a copy; other pictures are converted, at best *image.RGBA,
// *image.NRGBA and *image.Paletted. Pictures of more than 2²⁸ pixels are not searched.
func Decode(img image.Image) (Symbol, error) {
	r := Reader{Symbols: 1}
	all, err := r.Read(context.Background(), img)
	if err != nil {
		return Symbol{}, err
	}
	return all[0], nil
}

// DecodeAll reads the symbols of a picture, in reading order: from the top down, those beside each other from left to
// right. A picture in which none can be read gives ErrNotFound.
func DecodeAll(img image.Image) ([]Symbol, error) {
	var r Reader
	return r.Read(context.Background(), img)
}

// A Reader reads pictures one after the other, as from a camera, and keeps its memory from one to the next. The zero value
// reads all symbols of the whole picture. A Reader is for one goroutine at a time.
type Reader struct {
	// Symbols is how many symbols to look for; 0 is as many as there are. The search ends when they are found.
	Symbols int

	// Region is the part of the picture to search; the zero value is all of it.
	Region image.Rectangle

	// Goroutines is how many goroutines a call of Read uses; 0 is one, the caller's. They end with the call. What is read
	// does not depend on it.
	Goroutines int

	ctx   context.Context // of the call of Read that is under way
	found []Symbol

	// The stages up to the proposal, and those from there to the symbol, for each goroutine.
	thr       thresholder
	sides     [2]prospector // dark and light
	examiners []examiner
	batch     []candidate // that are examined
	outcomes  []outcome   // of the batch
	queue     []candidate // that await a thorough reading
	rest      []candidate // that still do after the plain looks
	best      []candidate // memory for the better ones of others
	order     []position  // of candidates by rank
	steps     int         // that the search has taken
	now       look        // under way

	// Memory for pixels: of a converted picture, of smaller ones, of filtered ones.
	buf   []byte
	small [2]plane
	flat  flattener
	extra [2][]byte
}

// Read reads the symbols of a picture in reading order. If there is none the error is ErrNotFound. When ctx ends before the
// search does, Read returns promptly with what it has found, and with the error of ctx if that is nothing. The slice is
// valid until the next call.
func (r *Reader) Read(ctx context.Context, img image.Image) ([]Symbol, error) {
	var p plane
	p, r.buf = planeOf(img, r.buf)
	r.found = r.found[:0]
	r.ctx = ctx
	defer func() { r.ctx = nil }()
	shift := Point{}
	if r.Region != (image.Rectangle{}) && img != nil {
		b := img.Bounds()
		c := r.Region.Intersect(b).Sub(b.Min)
		p = p.crop(c)
		shift = Point{float64(c.Min.X), float64(c.Min.Y)}
	}
	if p.w >= 8 && p.h >= 8 {
		r.search(&p)
	}
	if len(r.found) == 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, ErrNotFound
	}
	for i := range r.found {
		for j := range r.found[i].Corners {
			r.found[i].Corners[j] = r.found[i].Corners[j].add(shift)
		}
	}
	readingOrder(r.found)
	return r.found, nil
}

// readingOrder sorts symbols by lines: a symbol whose middle is above the top of the other comes first, else the one
// further to the left.
func readingOrder(s []Symbol) {
	middle := func(s *Symbol) Point { q := quad(s.Corners); return q.center() }
	slices.SortFunc(s, func(a, b Symbol) int { return cmp.Compare(middle(&a).Y, middle(&b).Y) })
	for i := 0; i < len(s); {
		// One line: all whose middle is above the lower edge of its first symbol.
		bottom := 0.0
		for _, c := range s[i].Corners {
			bottom = max(bottom, c.Y)
		}
		j := i + 1
		for j < len(s) && middle(&s[j]).Y < bottom {
			j++
		}
		slices.SortFunc(s[i:j], func(a, b Symbol) int { return cmp.Compare(middle(&a).X, middle(&b).X) })
		i = j
	}
}

// full says whether as many symbols as are wanted have been found.
func (r *Reader) full() bool { return r.Symbols > 0 && len(r.found) >= r.Symbols }

func (r *Reader) done() bool { return r.full() || r.ctx.Err() != nil }
