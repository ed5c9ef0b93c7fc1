package kafkabus

import (
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
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
