package ledger

import "encoding/binary"

// rowMaker makes the rows of chunks. Its memory is used again for the next
// one: rows are valid until then. The zero value is ready.
type rowMaker struct {
	rows  []KV
	buf   []byte           // of keys and values
	byKey map[string]int32 // number of the posting of a key
	posts []posting
	uses  []use
}

// posting is a key and its entries, a list in rowMaker.uses.
type posting struct {
	key         []byte
	first, last int32
}

// use is an entry that has a key.
type use struct {
	entry int32 // number in the chunk
	next  int32 // use of the same key, 0 for none
}

// put ends the row whose key begins at key and whose value begins at value
// in m.buf.
func (m *rowMaker) put(key, value int) {
	m.buf = binary.BigEndian.AppendUint32(m.buf, checksum(m.buf[key:]))
	end := len(m.buf)
	m.rows = append(m.rows, KV{m.buf[key:value:value], m.buf[value:end:end]})
}

// of returns the rows of a closed chunk, its mark last.
func (m *rowMaker) of(c *chunk, pointers []pointer, upper *upperTiles) []KV {
	m.begin(c.first, c.next(), upper)
	return m.finish(c, pointers)
}

// begin makes the rows of the tiles that the entries from first to next
// complete, whose hashes are in upper; nil makes none.
func (m *rowMaker) begin(first, next int64, upper *upperTiles) {
	m.rows, m.buf = m.rows[:0], m.buf[:0]
	if upper == nil {
		return
	}
	for level := 1; level < maxTileLevel; level++ {
		for n := first >> (tileHeight * (level + 1)); n < next>>(tileHeight*(level+1)); n++ {
			key := len(m.buf)
			m.buf = append(m.buf, tileKey(level, n)...)
			value := len(m.buf)
			lo := n*tileWidth - upper.base[level]
			for _, h := range upper.hashes[level][lo : lo+tileWidth] {
				m.buf = append(m.buf, h[:]...)
			}
			m.put(key, value)
		}
	}
}

// finish makes the other rows of the chunk, its mark last, and returns all.
func (m *rowMaker) finish(c *chunk, pointers []pointer) []KV {
	m.entries(c, pointers)
	m.mark(c.first, c.next(), len(m.rows))
	return m.rows
}

// mark makes the mark of a chunk with so many other rows.
func (m *rowMaker) mark(first, next int64, rows int) {
	key := len(m.buf)
	m.buf = append(m.buf, markKey(first)...)
	value := len(m.buf)
	m.buf = binary.BigEndian.AppendUint64(m.buf, uint64(next))
	m.buf = binary.BigEndian.AppendUint32(m.buf, uint32(rows))
	m.put(key, value)
}

// entries makes the rows that lead to entries: pointers, ids and keys.
func (m *rowMaker) entries(c *chunk, pointers []pointer) {
	for i, p := range pointers {
		key := len(m.buf)
		m.buf = append(m.buf, pointerKey(c.first/bundleSize+int64(i))...)
		value := len(m.buf)
		m.buf = append(m.buf, p.encode()...)
		m.put(key, value)
	}
	for id, index := range c.ids {
		key := len(m.buf)
		m.buf = append(m.buf, idKey([]byte(id))...)
		value := len(m.buf)
		m.buf = appendIndex(m.buf, index)
		m.put(key, value)
	}
	m.postings(c)
}

// postings makes the rows of the index keys: one for each key, with all the
// entries of the chunk that have it.
func (m *rowMaker) postings(c *chunk) {
	if m.byKey == nil {
		m.byKey = make(map[string]int32)
	}
	clear(m.byKey)
	m.posts, m.uses = m.posts[:0], append(m.uses[:0], use{})
	for i := range c.recs {
		for k := range eachKey(c.recs[i].keys) {
			n := int32(len(m.uses))
			at, ok := m.byKey[string(k)]
			switch {
			case !ok:
				m.byKey[string(k)] = int32(len(m.posts))
				m.posts = append(m.posts, posting{k, n, n})
			case m.uses[m.posts[at].last].entry == int32(i):
				continue // twice in one entry
			default:
				m.uses[m.posts[at].last].next = n
				m.posts[at].last = n
			}
			m.uses = append(m.uses, use{entry: int32(i)})
		}
	}
	for _, p := range m.posts {
		u := m.uses[p.first]
		key := len(m.buf)
		m.buf = appendEscaped(append(m.buf, rowKey), p.key)
		m.buf = appendKeyEnd(m.buf, c.first+int64(u.entry))
		value := len(m.buf)
		for u.next != 0 {
			next := m.uses[u.next]
			m.buf = binary.AppendUvarint(m.buf, uint64(next.entry-u.entry))
			u = next
		}
		m.put(key, value)
	}
}
