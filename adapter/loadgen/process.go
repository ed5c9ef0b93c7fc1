package loadgen

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/onsale-tickets/onsale/port"
)

// ReadProcess reads what a service tells Prometheus about its process.
func ReadProcess(ctx context.Context, name, url string) (port.Process, error) {
	p := port.Process{Name: name}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/metrics", nil)
	if err != nil {
		return p, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return p, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return p, errors.New(name + " /metrics: " + resp.Status)
	}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		metric, text, ok := strings.Cut(lines.Text(), " ")
		value, err := strconv.ParseFloat(text, 64)
		if !ok || err != nil {
			continue
		}
		switch series, _, _ := strings.Cut(metric, "{"); series {
		case "go_goroutines":
			p.Goroutines = int(value)
		case "process_open_fds":
			p.Files = int(value)
		case "onsale_http_streams":
			p.OpenStreams += int(value)
		}
	}
	return p, nil
}
