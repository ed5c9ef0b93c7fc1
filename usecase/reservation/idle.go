package reservation

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Work = (*Server)(nil)

// Idle reports whether everything that was decided about an event is told, as its
// journal says. An event that is not served here is not idle for all this server
// knows.
func (s *Server) Idle(ctx context.Context, id domain.EventID) (bool, error) {
	ends, err := s.deps.Journal.Ends(ctx, id)
	if err != nil {
		return false, err
	}
	for n := range domain.Partitions {
		told, err := s.told(ctx, id, domain.Partition(n), ends[domain.Partition(n)])
		if err != nil || !told {
			return false, err
		}
	}
	return true, nil
}

// told reports whether a partition was read to its end and has nothing left to tell.
func (s *Server) told(ctx context.Context, id domain.EventID, n domain.Partition, end int64) (bool, error) {
	type answer struct {
		told    bool
		unknown [2]int64
		of      *partition
	}
	look := func() (a answer, _ error) {
		e, served := s.events[id]
		if !served || len(e.partitions) == 0 || e.partitions[n].Next() < end {
			return a, nil
		}
		a.of = e.partitions[n]
		a.told, a.unknown = a.of.Told()
		return a, nil
	}
	a, err := ask(ctx, s, look)
	if err != nil || a.unknown == [2]int64{} {
		return a.told, err
	}
	var entries []journal.Entry
	err = s.deps.Journal.Range(ctx, id, n, a.unknown[0], a.unknown[1], func(e journal.Entry) { entries = append(entries, e) })
	if err != nil {
		return false, err
	}
	return ask(ctx, s, func() (bool, error) {
		if now, _ := look(); now.of != a.of || now.unknown != a.unknown {
			return now.told, nil // it went on meanwhile
		}
		a.of.Recall(entries)
		told, _ := a.of.Told()
		return told, nil
	})
}

// Positions returns how far the commands were decided, as the journal says.
func (s *Server) Positions(ctx context.Context, inputs []port.Input) (map[port.Input]int64, error) {
	return ask(ctx, s, func() (map[port.Input]int64, error) {
		next := map[port.Input]int64{}
		for _, in := range inputs {
			e, served := s.events[in.Event]
			if !served || len(e.partitions) == 0 {
				continue
			}
			at := e.partitions[in.Partition].Committed().Positions[in.Action]
			if at.TopicID == in.TopicID {
				next[in] = at.Next
			}
		}
		return next, nil
	})
}
