package kafkabus

import (
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain/message"
)

func BenchmarkEncode(b *testing.B) {
	for _, m := range nine()[1:4] {
		b.Run(m.Action().Flow().Message, func(b *testing.B) {
			e := message.Envelope{ID: "018f5a3e-7c1b-7d2a-9b3c-0123456789ab", Time: time.Now(), Body: m}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = encode(e)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, m := range nine()[1:4] {
		b.Run(m.Action().Flow().Message, func(b *testing.B) {
			value, _ := encode(message.Envelope{ID: "018f5a3e-7c1b-7d2a-9b3c-0123456789ab", Time: time.Now(), Body: m})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode(m.Action(), value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
