package mirror

import (
	"errors"
	"sync"
	"time"
)

// Limits bound what a mirror takes at a time, over all logs and of each. Whoever knows the name of a log can take up its
// share, for add-entries is not signed; a proxy that limits the requests of one address belongs before a mirror that
// everybody can reach.
type Limits struct {
	// InFlight is the number of requests that are read and answered at a time. More get 503. 0: 256.
	InFlight int
	// PerLog is that of one log. More get 429. 0: 4.
	PerLog int
	// PerMinute is the number of requests of one log in a minute; as many can come at once after a pause. More get 429.
	// 0: 120.
	PerMinute int
	// Buffered is the number of bytes of entries that are in memory at a time, before they are verified. A request that
	// needs more gets 503. 0: 64 MiB. A package of the largest entries has 16 MiB.
	Buffered int64
	// Stall is how long a body may pause. One that brings less than 1 KiB in a second, on top of it, is cut as well; what
	// was verified of it by then is kept. 0: 30 seconds.
	Stall time.Duration
}

func (l *Limits) setDefaults() {
	def := func(n *int, d int) {
		if *n <= 0 {
			*n = d
		}
	}
	def(&l.InFlight, 256)
	def(&l.PerLog, 4)
	def(&l.PerMinute, 120)
	if l.Buffered <= 0 {
		l.Buffered = 64 << 20
	}
	if l.Stall <= 0 {
		l.Stall = 30 * time.Second
	}
}

// gate counts over all logs.
type gate struct {
	limits   Limits
	mu       sync.Mutex
	requests int
	buffered int64
}

// enter takes a place, if there is one.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.requests == g.limits.InFlight {
		return false
	}
	g.requests++
	return true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests--
}

// errBuffers is returned when there is no memory for more entries.
var errBuffers = errors.New("too many entries are on their way")

// buffer is what one request takes of Limits.Buffered.
type buffer struct {
	g    *gate
	size int64
}

func (b *buffer) take(n int) error {
	b.g.mu.Lock()
	defer b.g.mu.Unlock()
	if b.g.buffered+int64(n) > b.g.limits.Buffered {
		return errBuffers
	}
	b.g.buffered += int64(n)
	b.size += int64(n)
	return nil
}

func (b *buffer) free() {
	b.g.mu.Lock()
	defer b.g.mu.Unlock()
	b.g.buffered -= b.size
	b.size = 0
}

// limiter counts for one log.
type limiter struct {
	mu       sync.Mutex
	requests int
	spent    time.Duration // of a minute, by requests before last
	last     time.Time
}

// enter takes a place, or says after how long to come again.
func (l *limiter) enter(limits *Limits) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.spent = max(0, l.spent-now.Sub(l.last))
	l.last = now
	each := time.Minute / time.Duration(limits.PerMinute)
	if l.spent+each > time.Minute {
		return l.spent + each - time.Minute, false
	}
	if l.requests >= limits.PerLog {
		return time.Second, false
	}
	l.spent += each
	l.requests++
	return 0, true
}

func (l *limiter) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests--
}
