package bench

import "context"

// HotSectionInput says how much is sold.
type HotSectionInput struct {
	Seats   int
	Clients int
	Buyers  int
	Steps   Steps
}

// HotSectionFigures compare two sell-outs of the same size.
type HotSectionFigures struct {
	Spread, Hot SelloutFigures // over ten sections, and of a single one
	Ratio       float64        // Hot.Rate : Spread.Rate
}

// HotSection measures what it costs when everybody wants the same section: one
// server, and one goroutine of it, decides about all seats.
type HotSection struct{ sellout *Sellout }

// NewHotSection returns the use case.
func NewHotSection(s *Sellout) *HotSection { return &HotSection{s} }

// Handle sells an event of ten sections to warm up, then one of ten and one of a
// single section.
func (h *HotSection) Handle(ctx context.Context, in HotSectionInput) (f HotSectionFigures, err error) {
	sell := func(name string, sections int) (SelloutFigures, error) {
		return h.sellout.Handle(ctx, SelloutInput{Seats: in.Seats, Sections: sections, Clients: in.Clients, Buyers: in.Buyers,
			OnProgress: in.Steps.Step(name, in.Seats/seatsEach)})
	}
	if _, err = sell("warm-up", tenSections); err != nil {
		return f, err
	}
	if f.Spread, err = sell("ten sections", tenSections); err != nil {
		return f, err
	}
	if f.Hot, err = sell("one section", 1); err != nil {
		return f, err
	}
	f.Ratio = f.Hot.Rate / f.Spread.Rate
	return f, nil
}
