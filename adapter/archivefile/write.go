package archivefile

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// format is the version of the format that is written, and the only one that is read.
const format = 1

// maxLine is the length of the longest record. A section of 100,000 seats takes less
// than 1 MiB.
const maxLine = 8 << 20

const (
	magic     = "onsale archive"
	skippable = 0x184D2A50 // of zstd: readers pass over these frames
	headerLen = 8 + len(magic) + 1
	trailLen  = 8 + sha256.Size
)

// Archives keeps archives in a directory.
type Archives struct{ Dir string }

var _ port.Archives = Archives{}

// Name returns the name of the archive of an event.
func Name(id domain.EventID) string { return "event-" + id.String() + ".zst" }

// Write writes an archive under another name, syncs and renames it.
func (s Archives) Write(ctx context.Context, a port.ArchivedEvent) (f port.ArchiveFile, err error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return f, err
	}
	f.Name = Name(a.Event.ID)
	if err := s.mayReplace(ctx, f.Name, a); err != nil {
		return f, err
	}
	if err := s.removeParts(f.Name); err != nil {
		return f, err
	}
	file, err := os.CreateTemp(s.Dir, f.Name+".part-*") // what a crash leaves is never taken for an archive
	if err != nil {
		return f, err
	}
	defer os.Remove(file.Name()) // without effect once it is renamed
	defer file.Close()
	if f.SHA256, f.Bytes, err = write(file, &a); err != nil {
		return f, fmt.Errorf("write %s: %w", file.Name(), err)
	}
	if err := errors.Join(ctx.Err(), file.Sync(), file.Close()); err != nil {
		return f, err
	}
	if err := os.Rename(file.Name(), filepath.Join(s.Dir, f.Name)); err != nil {
		return f, err
	}
	return f, syncDir(s.Dir)
}

// mayReplace returns an error if the name is that of an archive of another event: the
// event of another installation, or of one that was restored.
func (s Archives) mayReplace(ctx context.Context, name string, a port.ArchivedEvent) error {
	is, _, err := s.Read(ctx, name)
	switch {
	case errors.Is(err, os.ErrNotExist) || errors.Is(err, port.ErrArchiveDamaged):
		return nil
	case err != nil:
		return err
	case is.Event.JournalTopicID != a.Event.JournalTopicID || !is.Event.CreatedAt.Equal(a.Event.CreatedAt):
		return fmt.Errorf("%s is the archive of another event: move it elsewhere first", filepath.Join(s.Dir, name))
	}
	return nil
}

// removeParts removes what an archive left that was killed while it wrote.
func (s Archives) removeParts(name string) error {
	parts, err := fs.Glob(os.DirFS(s.Dir), name+".part-*")
	for _, p := range parts {
		err = errors.Join(err, os.Remove(filepath.Join(s.Dir, p)))
	}
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// counted hashes and counts what is written.
type counted struct {
	to  io.Writer
	sum hash.Hash
	n   int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.to.Write(b)
	c.sum.Write(b[:n])
	c.n += int64(n)
	return n, err
}

func frame(content int) []byte {
	b := binary.LittleEndian.AppendUint32(nil, skippable)
	return binary.LittleEndian.AppendUint32(b, uint32(content))
}

func header() []byte { return append(append(frame(len(magic)+1), magic...), format) }

func write(to io.Writer, a *port.ArchivedEvent) (sum string, size int64, err error) {
	buffered := bufio.NewWriterSize(to, 1<<20)
	out := &counted{to: buffered, sum: sha256.New()}
	if _, err := out.Write(header()); err != nil {
		return "", 0, err
	}
	packed, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return "", 0, err
	}
	if err := errors.Join(writeLines(packed, a), packed.Close()); err != nil {
		return "", 0, err
	}
	if _, err := out.Write(frame(sha256.Size)); err != nil {
		return "", 0, err
	}
	total := out.sum.Sum(nil)
	if _, err := buffered.Write(total); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(total), out.n + sha256.Size, buffered.Flush()
}

func writeLines(to io.Writer, a *port.ArchivedEvent) error {
	put := func(l line) error {
		b, err := json.Marshal(l)
		if err != nil {
			return err
		}
		if len(b) > maxLine {
			return fmt.Errorf("a record of %d bytes, the most is %d", len(b), maxLine)
		}
		_, err = to.Write(append(b, '\n'))
		return err
	}
	err := put(line{Event: eventOf(a)})
	for i := range a.Event.Sections {
		err = errors.Join(err, put(line{Section: sectionOf(a, i)}))
	}
	for p, entries := range a.Journal {
		for _, e := range entries {
			if err == nil {
				err = put(line{Journal: journalOf(p, e)})
			}
		}
	}
	for _, b := range a.Bookings {
		if err == nil {
			err = put(line{Booking: bookingOf(b)})
		}
	}
	for _, t := range a.Tickets {
		if err == nil {
			err = put(line{Ticket: ticketOf(t)})
		}
	}
	for _, m := range a.Minutes {
		if err == nil {
			err = put(line{Minute: &minuteRecord{m.At, m.Sold, m.Revenue}})
		}
	}
	if err != nil {
		return err
	}
	m := manifestOf(a)
	return put(line{Manifest: &m})
}
