package badgerledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"github.com/dauvet/dauvet/ledger"
)

// Open opens the ledger in dir, and makes it when there is none. nil opts
// are the defaults. The errors are those of [ledger.Open].
func Open(dir string, opts *ledger.Options) (*ledger.Ledger, error) {
	return OpenTuned(dir, opts, nil)
}

// OpenTuned is Open with other settings of Badger: tune gets those that Open
// uses and returns the ones to use. Sizes of memory and tables are what it is
// for; on 32 bits tables are no smaller than memory. Directories, checksums,
// and the absence of compression and encryption are not its to change, because
// the tables are verified by this package.
func OpenTuned(dir string, opts *ledger.Options, tune func(badger.Options) badger.Options) (*ledger.Ledger, error) {
	d := driver{log: slog.New(slog.DiscardHandler), tune: tune}
	if opts != nil && opts.Logger != nil {
		d.log = opts.Logger
	}
	return ledger.Open(dir, d, opts)
}

// storeDir is the directory of Badger in that of the ledger.
const storeDir = "store"

type driver struct {
	log  *slog.Logger
	tune func(badger.Options) badger.Options
}

// Open implements ledger.Driver.
func (d driver) Open(dir string) (ledger.Store, error) {
	path := filepath.Join(dir, storeDir)
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	if err := checkFiles(path); err != nil {
		return nil, err
	}
	if err := checkTables(path); err != nil {
		return nil, err
	}
	o := settings(path, d.log)
	if d.tune != nil {
		o = d.tune(o)
	}
	db, err := openBadger(fixed(o, path))
	if err != nil {
		if environmental(err) {
			return nil, err
		}
		return nil, damage(err)
	}
	s := &store{db: db, path: path}
	s.version.Store(db.MaxVersion())
	return s, nil
}

// openBadger turns a panic of Badger over damaged files into an error.
func openBadger(o badger.Options) (db *badger.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("badger: %v", p)
		}
	}()
	return badger.OpenManaged(o)
}

// environmental reports errors that say nothing about the files.
func environmental(err error) bool {
	for _, e := range []error{fs.ErrPermission, syscall.ENOSPC, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EROFS} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func damage(err error) error {
	return &ledger.CorruptError{File: storeDir, Offset: -1, First: -1, Next: -1, Reason: err.Error()}
}

// SetAside implements ledger.Driver: it renames the directory.
func (d driver) SetAside(dir string) error {
	for n := 1; ; n++ {
		to := filepath.Join(dir, fmt.Sprintf("%s.bad-%d", storeDir, n))
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return os.Rename(filepath.Join(dir, storeDir), to)
		} else if err != nil {
			return err
		}
	}
}

// Remove implements ledger.Driver.
func (d driver) Remove(dir string) error { return os.RemoveAll(filepath.Join(dir, storeDir)) }

// settings are for a computer with 2 GB of memory. Without SyncWrites a crash
// loses rows, which the ledger writes again; Sync is called at its marks.
// Values are below the threshold, so that tables hold everything. checkTables
// has verified them when Badger opens them, so Badger need not: it would touch
// each of their pages, which then count as memory of the process. Blocks that
// are not compressed are read where they are mapped. A cache of them would
// only cost time, and wake a goroutine for each block. A search looks into each
// table of level 0, so few are left there.
func settings(path string, log *slog.Logger) badger.Options {
	return badger.DefaultOptions(path).
		WithSyncWrites(false).
		WithDetectConflicts(false).
		WithNumVersionsToKeep(1).
		WithMemTableSize(8 << 20).
		WithNumMemtables(2).
		WithNumLevelZeroTables(2).
		WithNumLevelZeroTablesStall(15).
		WithNumCompactors(2).
		WithBaseTableSize(2 << 20).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithValueThreshold(valueThreshold).
		WithValueLogFileSize(16 << 20).
		WithMetricsEnabled(false).
		WithCompression(options.None).
		WithChecksumVerificationMode(options.NoVerification).
		WithCompactL0OnClose(false).
		WithLogger(logger{log})
}

// valueThreshold keeps all values in the tables.
const valueThreshold = ledger.MaxValue + 1

// fixed puts back the settings that nobody may change.
func fixed(o badger.Options, path string) badger.Options {
	if strconv.IntSize == 32 {
		o = narrow(o)
	}
	return o.
		WithDir(path).
		WithValueDir(path).
		WithInMemory(false).
		WithReadOnly(false).
		WithValueThreshold(valueThreshold).
		WithCompression(options.None).
		WithEncryptionKey(nil).
		WithChecksumVerificationMode(options.NoVerification)
}

// narrow has Badger build tables that it gets right on 32 bits. The memory of a
// table that is built begins with twice the size of tables; when that is not
// enough, the next piece is written over the first (ristretto, z/allocator.go:
// a shift of an int by 32), and the table has lost rows. So tables of all
// levels have one size, and it is no less than what memory holds.
func narrow(o badger.Options) badger.Options {
	o.BaseTableSize = max(o.BaseTableSize, o.MemTableSize)
	o.TableSizeMultiplier = 1
	return o
}

// store is a ledger.Store in Badger. Each Write has a version of its own and
// reads take the last one that was finished, which Badger calls managed mode:
// in the other one a read waits for the Write that is under way.
type store struct {
	db      *badger.DB
	path    string
	version atomic.Uint64 // of the last finished Write
	cursors cursors
}

// Get implements ledger.Store.
func (s *store) Get(ctx context.Context, key, dst []byte) ([]byte, error) {
	txn := s.db.NewTransactionAt(s.version.Load(), false)
	defer txn.Discard()
	item, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, ledger.ErrNotFound
	}
	if err != nil {
		return nil, damage(err)
	}
	err = item.Value(func(v []byte) error {
		dst = append(dst, v...)
		return nil
	})
	if err != nil {
		return nil, damage(err)
	}
	return dst, nil
}

// commonPrefix is what all keys from from to to begin with; it lets Badger
// skip tables.
func commonPrefix(from, to []byte) []byte {
	n := 0
	for n < len(from) && n < len(to) && from[n] == to[n] {
		n++
	}
	// The end of a range by prefix differs in its last byte by one.
	if n == len(to)-1 && n < len(from) && from[n]+1 == to[n] {
		n++
	}
	return from[:n]
}

// Write implements ledger.Store in one transaction, which Badger replays
// whole or not at all.
func (s *store) Write(ctx context.Context, batch []ledger.KV) error {
	version := s.version.Load() + 1
	txn := s.db.NewTransactionAt(version, true)
	defer txn.Discard()
	for _, kv := range batch {
		if err := txn.Set(kv.Key, kv.Value); err != nil {
			return err
		}
	}
	if err := txn.CommitAt(version, nil); err != nil {
		return err
	}
	s.version.Store(version)
	s.cursors.written()
	return nil
}

// Sync implements ledger.Store.
func (s *store) Sync(ctx context.Context) error { return s.db.Sync() }

// Close implements ledger.Store.
func (s *store) Close() error {
	s.cursors.close()
	if err := s.db.Close(); err != nil {
		return err
	}
	return writeClosed(s.path)
}

// logger passes on what Badger has to say.
type logger struct{ log *slog.Logger }

func (l logger) Errorf(f string, a ...any)   { l.log.Error(line(f, a)) }
func (l logger) Warningf(f string, a ...any) { l.log.Warn(line(f, a)) }
func (l logger) Infof(f string, a ...any)    { l.log.Debug(line(f, a)) }
func (l logger) Debugf(f string, a ...any)   { l.log.Debug(line(f, a)) }

func line(f string, a []any) string { return "badger: " + strings.TrimSpace(fmt.Sprintf(f, a...)) }
