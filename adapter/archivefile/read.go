package archivefile

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Read reads an archive of the directory.
func (s Archives) Read(ctx context.Context, name string) (port.ArchivedEvent, port.ArchiveFile, error) {
	return ReadFile(ctx, filepath.Join(s.Dir, name))
}

// ReadFile reads the archive with this path. It compares the checksum before it
// decompresses anything.
func ReadFile(ctx context.Context, path string) (a port.ArchivedEvent, f port.ArchiveFile, err error) {
	file, err := os.Open(path)
	if err != nil {
		return a, f, err
	}
	defer file.Close()
	f.Name = filepath.Base(path)
	info, err := file.Stat()
	if err != nil {
		return a, f, err
	}
	f.Bytes = info.Size()
	if f.SHA256, err = check(ctx, file, f.Bytes); err != nil {
		return a, f, fmt.Errorf("%s: %w", path, err)
	}
	body := io.NewSectionReader(file, int64(headerLen), f.Bytes-int64(headerLen+trailLen))
	if a, err = readLines(ctx, body); err != nil {
		return a, f, fmt.Errorf("%s: %w", path, err)
	}
	return a, f, nil
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", port.ErrArchiveDamaged, fmt.Sprintf(format, args...))
}

// check compares header, trailer and checksum, and returns the checksum.
func check(ctx context.Context, file io.ReaderAt, size int64) (string, error) {
	if size < int64(headerLen+trailLen) {
		return "", damaged("it has %d bytes, which is too short for an archive", size)
	}
	first := make([]byte, headerLen)
	if _, err := file.ReadAt(first, 0); err != nil {
		return "", err
	}
	version := first[headerLen-1]
	sum := sha256.New()
	if _, err := io.Copy(sum, reading{ctx, io.NewSectionReader(file, 0, size-sha256.Size)}); err != nil {
		return "", err
	}
	last := make([]byte, trailLen)
	if _, err := file.ReadAt(last, size-int64(trailLen)); err != nil {
		return "", err
	}
	switch is := sum.Sum(nil); {
	case !bytes.Equal(first[:headerLen-1], header()[:headerLen-1]):
		return "", damaged("it does not begin like an archive of Onsale")
	case !bytes.Equal(is, last[8:]):
		return "", damaged("its checksum is %x, and it says %x", is, last[8:])
	case !bytes.Equal(last[:8], frame(sha256.Size)):
		return "", damaged("it does not end like an archive of Onsale")
	case version != format:
		return "", fmt.Errorf("it has format %d, this version reads format %d", version, format)
	default:
		return hex.EncodeToString(is), nil
	}
}

// reading ends with ctx.
type reading struct {
	ctx  context.Context
	from io.Reader
}

func (r reading) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(b)
}

func readLines(ctx context.Context, body io.Reader) (a port.ArchivedEvent, err error) {
	unpacked, err := zstd.NewReader(reading{ctx, body}, zstd.WithDecoderMaxMemory(256<<20), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return a, err
	}
	defer unpacked.Close()
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(make([]byte, 64<<10), maxLine+1)
	n, ended := 0, false
	for lines.Scan() {
		if n++; ended {
			return a, damaged("there are records after the manifest")
		}
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return a, damaged("record %d: %v", n, err)
		}
		if n == 1 && l.Event == nil {
			return a, damaged("the first record is not the event")
		}
		if ended, err = l.into(&a); err != nil {
			return a, damaged("record %d: %v", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		if ctx.Err() != nil {
			return a, ctx.Err()
		}
		return a, damaged("after record %d: %v", n, err)
	}
	if !ended {
		return a, damaged("it ends without a manifest")
	}
	return a, nil
}

// into adds a record to what was read. It returns true for the manifest, which must
// agree with that.
func (l *line) into(a *port.ArchivedEvent) (ended bool, err error) {
	switch {
	case l.Event != nil:
		if a.Event.ID != 0 {
			return false, errors.New("a second event")
		}
		l.Event.into(a)
	case l.Section != nil:
		l.Section.into(a)
	case l.Journal != nil:
		return false, l.Journal.into(a)
	case l.Booking != nil:
		return false, l.Booking.into(a)
	case l.Ticket != nil:
		return false, l.Ticket.into(a)
	case l.Minute != nil:
		a.Minutes = append(a.Minutes, ticketing.Interval{At: l.Minute.At, Sold: l.Minute.Sold, Revenue: l.Minute.Revenue})
	case l.Manifest != nil:
		if want := manifestOf(a); *l.Manifest != want {
			return true, fmt.Errorf("the manifest says %+v, there are %+v", *l.Manifest, want)
		}
		return true, nil
	default:
		return false, errors.New("it is of no known kind")
	}
	return false, nil
}
