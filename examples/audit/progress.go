package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// progress tells how far the work is, from several goroutines: on a terminal in one line that it writes again and again.
type progress struct {
	mu          sync.Mutex
	w           io.Writer
	terminal    bool
	total, done int64 // bytes to read, some of them twice
	start, last time.Time
	shown       bool
}

// newProgress returns one that writes to w.
func newProgress(w io.Writer, total int64) *progress {
	p := &progress{w: w, total: total, start: time.Now()}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil {
			p.terminal = info.Mode()&os.ModeCharDevice != 0
		}
	}
	return p
}

// add counts bytes of a file that were read, and shows the rate and the time that remains, five times a second at most.
func (p *progress) add(name string, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	now := time.Now()
	if !p.terminal || now.Sub(p.last) < 200*time.Millisecond {
		return
	}
	p.last, p.shown = now, true
	fmt.Fprintf(p.w, "\r%s\x1b[K", p.line(name, now.Sub(p.start)))
}

// line says how far the work is.
func (p *progress) line(name string, took time.Duration) string {
	done := min(p.done, p.total)
	rate := float64(p.done) / max(took.Seconds(), 0.001)
	left := time.Duration(float64(p.total-done) / max(rate, 1) * float64(time.Second))
	return fmt.Sprintf("%3d %%  %.1f MB/s  %s left  %s", 100*done/max(p.total, 1), rate/1e6, left.Round(time.Second), filepath.Base(name))
}

// say shows what is being done when there is no more to read.
func (p *progress) say(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		p.shown = true
		fmt.Fprintf(p.w, "\r%s\x1b[K", what)
	}
}

// end takes the line away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

// complain writes a line.
func (p *progress) complain(format string, args ...any) {
	p.end()
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// sizeOf returns the length of a file; 0 when it has none.
func sizeOf(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.Size()
}
