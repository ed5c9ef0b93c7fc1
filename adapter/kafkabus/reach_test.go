package kafkabus_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
)

func TestReach(t *testing.T) {
	reach := func(brokers string, limit time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		return kafkabus.Reach(ctx, kafkabus.Config{Brokers: brokers})
	}
	t.Run("returns when one of the brokers answers", func(t *testing.T) {
		if err := reach("127.0.0.1:9, "+embedded(t), limit); err != nil {
			t.Error(err)
		}
	})
	t.Run("names the addresses that do not answer", func(t *testing.T) {
		silent, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()

		err = reach("127.0.0.1:9,"+silent.Addr().String(), 2*time.Second)

		if err == nil || !strings.Contains(err.Error(), "no Kafka broker answers at 127.0.0.1:9 (") || !strings.Contains(err.Error(), "Connection refused)") ||
			!strings.Contains(err.Error(), ", "+silent.Addr().String()+" (") || strings.Contains(err.Error(), "bootstrap") {
			t.Error(err)
		}
	})
	t.Run("ends with its context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()

		if err := kafkabus.Reach(ctx, kafkabus.Config{Brokers: "127.0.0.1:9"}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
