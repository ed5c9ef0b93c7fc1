package terminal

import (
	"os"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bars shows progress bars on standard error if that is a terminal.
type bars struct {
	*mpb.Progress
	shown []*mpb.Bar
}

func newBars() *bars {
	if !isTerminal(os.Stderr) {
		return &bars{Progress: mpb.New(mpb.WithOutput(nil))}
	}
	return &bars{Progress: mpb.New(mpb.WithOutput(os.Stderr), mpb.WithAutoRefresh())}
}

func (b *bars) add(name string, total int) *mpb.Bar {
	return b.AddBar(int64(total), mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR)), mpb.AppendDecorators(decor.CountersNoUnit("%d / %d")))
}

// isTerminal reports whether a person sees what is written to the file.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Step implements bench.Steps: two bars for each step.
func (b *bars) Step(name string, bookings int) (report func(accepted, answered int)) {
	accepted, answered := b.add(name+", accepted", bookings), b.add(name+", answered", bookings)
	b.shown = append(b.shown, accepted, answered)
	return func(a, n int) { accepted.SetCurrent(int64(a)); answered.SetCurrent(int64(n)) }
}

// end leaves the bars as they are.
func (b *bars) end() {
	for _, bar := range b.shown {
		bar.Abort(false)
	}
	b.Wait()
}
