package onsale

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/terminal"
	"github.com/onsale-tickets/onsale/domain/message"
	usecase "github.com/onsale-tickets/onsale/usecase/bench"
	"github.com/onsale-tickets/onsale/wire/process"
)

type journalBatch struct {
	Alone  int `env:"ONSALE_BENCH_ALONE" default:"200" help:"Requests that are sent one after the other."`
	Many   int `env:"ONSALE_BENCH_MANY" default:"20000" help:"Requests that are sent at once."`
	Most   int `env:"ONSALE_BENCH_MOST" default:"5000" help:"Of those sent at once, the most that wait for an answer at the same time."`
	Rounds int `env:"ONSALE_BENCH_ROUNDS" default:"3" help:"Rounds of both, after one to warm up."`
	figuresFlags
	brokerFlags
}

// Validate checks the flags.
func (j journalBatch) Validate() error {
	switch {
	case j.Alone < 1 || j.Many < 1 || j.Rounds < 1:
		return fmt.Errorf("--alone, --many and --rounds: must be at least 1")
	case (j.Alone+j.Many)*(j.Rounds+1) > 100_000:
		return fmt.Errorf("--alone %d, --many %d, --rounds %d: all rounds and the one to warm up must fit an event of 100,000 seats", j.Alone, j.Many, j.Rounds)
	case j.Most < 1 || j.Most > 10_000:
		return fmt.Errorf("--most %d: must be from 1 to 10,000", j.Most)
	}
	return j.brokerFlags.Validate()
}

// Run starts the stores and one seat server, and takes the place of the two other
// services.
func (j journalBatch) Run(ctx context.Context) error {
	in, _, end, err := startParts(ctx, supervisor.Config{Run: []string{supervisor.Seats}}, j.brokerFlags)
	if err != nil {
		return err
	}
	defer end()
	config, err := j.Kafka.Config()
	if err != nil {
		return err
	}
	config.Brokers, config.ServerID, config.Service, config.Log = in.Record().Kafka, "bench", message.BookingService, slog.New(slog.DiscardHandler)
	cluster, err := kafkabus.Connect(ctx, config)
	if err != nil {
		return err
	}
	defer cluster.Close()
	publisher, err := kafkabus.NewPublisher(cluster)
	if err != nil {
		return err
	}
	defer publisher.Close()
	catalogue, err := kafkabus.NewCatalogue(cluster)
	if err != nil {
		return err
	}
	wakes, err := kafkabus.NewWakes(cluster, publisher, catalogue, time.Hour)
	if err != nil {
		return err
	}
	desk := usecase.NewSeatDesk(publisher, newBookingID)
	use := usecase.NewJournalBatch(cluster, publisher, catalogue, desk)
	consumers := kafkabus.NewConsumers(cluster, desk, wakes)
	var figures terminal.Figures
	err = process.Run(ctx, []process.Part{func(ctx context.Context) (err error) {
		figures, err = terminal.JournalBatch(ctx, use, usecase.JournalBatchInput{Alone: j.Alone, Many: j.Many, Most: j.Most, Rounds: j.Rounds}, j.origin("journal-batch", 0))
		return err
	}}, []process.Part{catalogue.Run, wakes.Run, consumers.Run})
	if err != nil {
		return err
	}
	return j.publish(figures, 0)
}
