package loadgen

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
)

// SeatMap is the snapshot that a reader of the map stream gets: every seat that
// is not available, with its status.
func SeatMap(ctx context.Context, url string, event domain.EventID) (map[domain.SeatID]string, error) {
	resp, err := get(ctx, fmt.Sprintf("%s/v1/events/%d/seats/stream", url, event))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		data, is := bytes.CutPrefix(line, []byte("data: "))
		if !is {
			continue
		}
		var frame struct {
			Seats []struct {
				SeatID string `json:"seat_id"`
				Status string `json:"status"`
			} `json:"seats"`
		}
		if err := json.Unmarshal(data, &frame); err != nil {
			return nil, err
		}
		seats := make(map[domain.SeatID]string, len(frame.Seats))
		for _, s := range frame.Seats {
			id, err := domain.ParseSeatID(s.SeatID)
			if err != nil {
				return nil, err
			}
			seats[id] = s.Status
		}
		return seats, nil
	}
}
