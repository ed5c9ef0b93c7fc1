package loadgen

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// checkpointLimit is how long a copy may take: files are linked, not copied.
const checkpointLimit = 30 * time.Second

// Checkpoint asks a server of seat-reservation-service, at its operations port,
// for a copy of its RocksDB. The caller removes the directory.
func Checkpoint(ctx context.Context, url string) (dir string, err error) {
	ctx, cancel := context.WithTimeout(ctx, checkpointLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/checkpoint", nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask seat-reservation-service for a checkpoint: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("ask seat-reservation-service for a checkpoint: %s", resp.Status)
	}
	var made struct {
		Dir string `json:"dir"`
	}
	err = json.NewDecoder(resp.Body).Decode(&made)
	return made.Dir, err
}
