package mirror

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"

	"github.com/dauvet/dauvet/ledger"
)

// The file state of a log has two slots with equal content, FORMAT.md. A change is written and synced to one, then to the
// other: whatever happens to one of them, what was cosigned last is known.
const (
	stateSlot   = 32 << 10
	stateHeader = 20
	maxNote     = 4 << 10 // bytes of a checkpoint that is kept
	maxPending  = 5       // checkpoints that are kept
)

var stateMagic = [4]byte{1, 'd', 'v', 'M'}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// state is what a mirror must not forget of a log.
type state struct {
	gen      uint64
	next     int64 // entries that are stored
	bytes    int64 // of them, in the file
	seen     int64 // when the last checkpoint came, seconds since 1970
	mirrored *ledger.Checkpoint
	pending  []*ledger.Checkpoint // cosigned by the witness; the last is the largest
}

// latest is the checkpoint cosigned last, or nil.
func (s *state) latest() *ledger.Checkpoint {
	if len(s.pending) == 0 {
		return nil
	}
	return s.pending[len(s.pending)-1]
}

// find returns the pending checkpoint of a size, or nil.
func (s *state) find(size uint64) *ledger.Checkpoint {
	for _, c := range s.pending {
		if uint64(c.Size) == size {
			return c
		}
	}
	return nil
}

func (s *state) encode() []byte {
	b := make([]byte, stateHeader, stateSlot)
	copy(b, stateMagic[:])
	binary.BigEndian.PutUint64(b[8:], s.gen)
	b = binary.BigEndian.AppendUint64(b, uint64(s.next))
	b = binary.BigEndian.AppendUint64(b, uint64(s.bytes))
	b = binary.BigEndian.AppendUint64(b, uint64(s.seen))
	var mirrored []byte
	if s.mirrored != nil {
		mirrored = s.mirrored.Note
	}
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(mirrored))), mirrored...)
	for _, c := range s.pending {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(c.Note))), c.Note...)
	}
	binary.BigEndian.PutUint32(b[16:], uint32(len(b)-stateHeader))
	b = b[:stateSlot]
	binary.BigEndian.PutUint32(b[4:], crc32.Checksum(b[8:], castagnoli))
	return b
}

var errState = errors.New("not a slot")

func decodeState(p []byte) (*state, error) {
	if len(p) != stateSlot || [4]byte(p) != stateMagic || crc32.Checksum(p[8:], castagnoli) != binary.BigEndian.Uint32(p[4:]) {
		return nil, errState
	}
	n := binary.BigEndian.Uint32(p[16:])
	if n < 28 || n > stateSlot-stateHeader {
		return nil, errState
	}
	s := &state{gen: binary.BigEndian.Uint64(p[8:])}
	for _, b := range p[stateHeader+n:] {
		if b != 0 {
			return nil, errState
		}
	}
	p = p[stateHeader:][:n]
	s.next = int64(binary.BigEndian.Uint64(p))
	s.bytes = int64(binary.BigEndian.Uint64(p[8:]))
	s.seen = int64(binary.BigEndian.Uint64(p[16:]))
	for i, rest := 0, p[24:]; len(rest) > 0; i++ {
		if len(rest) < 4 || uint64(len(rest)-4) < uint64(binary.BigEndian.Uint32(rest)) {
			return nil, errState
		}
		text := rest[4:][:binary.BigEndian.Uint32(rest)]
		rest = rest[4+len(text):]
		if i == 0 && len(text) == 0 {
			continue
		}
		c, err := parseNote(text)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			s.mirrored = c
		} else {
			s.pending = append(s.pending, c)
		}
	}
	if s.next < 0 || s.next > maxSize || s.bytes < 0 || s.latest() == nil || len(s.pending) > maxPending {
		return nil, errState
	}
	return s, nil
}

// readState returns the newer slot, nil when nothing was ever written.
func readState(f *os.File) (*state, error) {
	var newest *state
	blank, first := true, error(nil)
	for i := range int64(2) {
		p := make([]byte, stateSlot)
		n, err := f.ReadAt(p, i*stateSlot)
		if err != nil && err != io.EOF {
			return nil, err
		}
		for _, b := range p[:n] {
			blank = blank && b == 0
		}
		s, err := decodeState(p)
		switch {
		case err != nil:
			first = err
		case newest == nil || s.gen > newest.gen:
			newest = s
		}
	}
	if newest == nil && !blank {
		return nil, first
	}
	return newest, nil
}

// writeState writes both slots, one after the other.
func writeState(f *os.File, s *state) error {
	p := s.encode()
	for i := range int64(2) {
		if _, err := f.WriteAt(p, i*stateSlot); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
	}
	return nil
}
