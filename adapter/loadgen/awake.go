package loadgen

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/onsale-tickets/onsale/port"
)

// Awake reads how many events are awake from the metrics of servers.
type Awake struct {
	OpsURLs []string // of all servers
}

var _ port.AwakeEvents = Awake{}

// Awake implements port.AwakeEvents.
func (a Awake) Awake(ctx context.Context) (most int, err error) {
	for _, url := range a.OpsURLs {
		n, err := awakeAt(ctx, url+"/metrics")
		if err != nil {
			return 0, err
		}
		most = max(most, n)
	}
	return most, nil
}

func awakeAt(ctx context.Context, url string) (int, error) {
	resp, err := get(ctx, url)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if value, is := strings.CutPrefix(lines.Text(), "onsale_events_awake "); is {
			return strconv.Atoi(value)
		}
	}
	return 0, fmt.Errorf("%s does not say how many events are awake: it is of an older version", url)
}
