package kafkabus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Reach blocks until a broker answers. If none has when ctx is done, the error
// names the addresses and what was wrong with each.
func Reach(ctx context.Context, c Config) error {
	settings := c.settings()
	settings["log_level"] = 0 // the reports below say the same
	// A producer is the client that reports why a broker cannot be reached.
	client, err := kafka.NewProducer(&settings)
	if err != nil {
		return err
	}
	defer client.Close()
	troubles := map[string]string{}
	for ctx.Err() == nil {
		_, err := client.GetMetadata(nil, false, 500)
		if err == nil {
			return nil
		}
		for more := true; more; {
			select {
			case e := <-client.Events():
				if e, ok := e.(kafka.Error); ok {
					if broker, why, ok := trouble(e); ok {
						troubles[broker] = why
					}
				}
			default:
				more = false
			}
		}
		select { // the metadata may be refused at once
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	var all []string
	for broker := range strings.SplitSeq(c.Brokers, ",") {
		broker = strings.TrimSpace(broker)
		why, ok := troubles[broker]
		if !ok {
			why = "it does not answer"
		}
		all = append(all, broker+" ("+why+")")
	}
	return fmt.Errorf("no Kafka broker answers at %s", strings.Join(all, ", "))
}

// trouble reads a report of librdkafka about a broker, as in
// "sasl_plaintext://localhost:9/bootstrap: Connect to ipv4#127.0.0.1:9 failed:
// Connection refused (after 0ms in state CONNECT)".
func trouble(e kafka.Error) (broker, why string, ok bool) {
	broker, why, ok = strings.Cut(e.Error(), "/bootstrap: ")
	if !ok {
		return "", "", false
	}
	if _, after, found := strings.Cut(broker, "://"); found {
		broker = after
	}
	why, _, _ = strings.Cut(why, " (after ")
	return broker, why, true
}
