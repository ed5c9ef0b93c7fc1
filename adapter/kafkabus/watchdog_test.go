package kafkabus

import (
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/prometheus/client_golang/prometheus"
)

func TestF32_SilentPartition(t *testing.T) {
	topic := "t"
	at := func(offset int) kafka.TopicPartition {
		return kafka.TopicPartition{Topic: &topic, Partition: 1, Offset: kafka.Offset(offset)}
	}
	began := time.Now()
	ends := map[place]int64{{topic, 1}: 8}
	fresh := func() *watchdog {
		w := newWatchdog("test", "1", make(chan struct{}, 1))
		w.expect([]kafka.TopicPartition{at(5)})
		return w
	}
	t.Run("is told when the consumer had time and read nothing", func(t *testing.T) {
		w := fresh()
		for _, after := range []time.Duration{0, 2 * time.Second, 4 * time.Second} {
			if err := w.check(ends, began.Add(after)); err != nil {
				t.Fatalf("after %s: %v", after, err)
			}
			w.idle()
		}
		if w.check(ends, began.Add(6*time.Second)) == nil {
			t.Error("not told")
		}
	})
	t.Run("is none when it was dropped and a late record comes", func(t *testing.T) {
		w := fresh()
		w.drop(place{topic, 1})
		w.read(at(5))
		if left := w.positions(); len(left) > 0 {
			t.Errorf("it is still watched: %v", left)
		}
	})
	t.Run("is none while it is read", func(t *testing.T) {
		w := fresh()
		_ = w.check(ends, began)
		w.read(at(5))
		w.idle()
		if err := w.check(ends, began.Add(6*time.Second)); err != nil {
			t.Error(err)
		}
	})
	t.Run("is none while the consumer is busy with others", func(t *testing.T) {
		w := fresh()
		_ = w.check(ends, began)
		if err := w.check(ends, began.Add(time.Minute)); err != nil {
			t.Error(err)
		}
	})
	t.Run("is none at its end", func(t *testing.T) {
		w := fresh()
		for range 3 {
			w.read(at(7))
			w.idle()
			if err := w.check(ends, began.Add(time.Minute)); err != nil {
				t.Error(err)
			}
		}
	})
}

// Partitions that are new are asked for at once, and not all others with them.
func TestNewPartitionsAreCheckedAlone(t *testing.T) {
	old, fresh := "old", "new"
	w := newWatchdog("test", "2", make(chan struct{}, 1))
	w.expect([]kafka.TopicPartition{{Topic: &old, Partition: 1, Offset: 5}})
	if err := w.check(map[place]int64{{old, 1}: 8}, time.Now()); err != nil {
		t.Fatal(err)
	}
	w.expect([]kafka.TopicPartition{{Topic: &fresh, Partition: 1, Offset: 2}})

	if asked := w.unchecked(); len(asked) != 1 || *asked[0].Topic != fresh {
		t.Errorf("asked for %v", asked)
	}
	if err := w.check(map[place]int64{{fresh, 1}: 2}, time.Now()); err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(w.lag)
	if got, err := registry.Gather(); err != nil || got[0].GetMetric()[0].GetGauge().GetValue() != 3 {
		t.Errorf("%v, the old partition is 3 behind: %v", got, err)
	}
	if len(w.unchecked()) != 0 || len(w.positions()) != 2 {
		t.Errorf("%v are not checked, of %v", w.unchecked(), w.positions())
	}
}
