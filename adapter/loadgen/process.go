package loadgen

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/onsale-tickets/onsale/port"
)

// ReadProcess reads what a service tells Prometheus about its process.
func ReadProcess(ctx context.Context, name, url string) (port.Process, error) {
	p := port.Process{Name: name}
	resp, err := get(ctx, url+"/metrics")
	if err != nil {
		return p, fmt.Errorf("%s: %w", name, err)
	}
	defer resp.Body.Close()
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
