package rocksstore_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/rocksstore"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/porttest"
)

func TestSeatStore(t *testing.T) {
	dirs := map[port.SeatStore]string{}
	openAt := func(t *testing.T, dir string) port.SeatStore {
		s, err := rocksstore.Open(dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		dirs[s] = dir
		return s
	}
	porttest.SeatStore(t,
		func(t *testing.T) port.SeatStore { return openAt(t, filepath.Join(t.TempDir(), "seats")) },
		func(t *testing.T, s port.SeatStore) port.SeatStore {
			s.(*rocksstore.Seats).Close()
			return openAt(t, dirs[s])
		})
}

func TestCallsAfterCloseAreErrors(t *testing.T) {
	s, err := rocksstore.Open(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	s.Close()
	if _, _, err := s.Load(1, 0); err == nil {
		t.Error("Load after Close gave no error")
	}
	if err := s.Write(port.SeatBatch{Event: 1}); err == nil {
		t.Error("Write after Close gave no error")
	}
}

func TestCheckpointIsReadBesideTheStoreInUse(t *testing.T) {
	s, err := rocksstore.Open(filepath.Join(t.TempDir(), "seats"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Write(port.SeatBatch{Event: 1, SeatFold: port.SeatFold{JournalTopicID: "j"}}); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "copy")
	if err := s.Checkpoint(dir); err != nil {
		t.Fatal(err)
	}
	c, err := rocksstore.OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, found, err := c.Load(1, 0); !found || err != nil || got.JournalTopicID != "j" {
		t.Fatalf("got %+v %v %v", got, found, err)
	}
}

func TestStoredSeats(t *testing.T) {
	porttest.StoredSeats(t, func(t *testing.T) interface {
		port.SeatStore
		port.StoredSeats
	} {
		s, err := rocksstore.Open(t.TempDir(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s
	})
}
