package terminal

import (
	"os"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bars shows progress bars on standard error if that is a terminal.
type bars struct{ *mpb.Progress }

func newBars() bars {
	if !isTerminal(os.Stderr) {
		return bars{mpb.New(mpb.WithOutput(nil))}
	}
	return bars{mpb.New(mpb.WithOutput(os.Stderr), mpb.WithAutoRefresh())}
}

func (b bars) add(name string, total int) *mpb.Bar {
	return b.AddBar(int64(total), mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR)), mpb.AppendDecorators(decor.CountersNoUnit("%d / %d")))
}

// isTerminal reports whether a person sees what is written to the file.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// bookings shows how many of the bookings were accepted, and how many answered.
// end removes nothing: the last state stays on the screen.
func (b bars) bookings(total int) (report func(accepted, answered int), end func()) {
	accepted, answered := b.add("accepted", total), b.add("answered", total)
	return func(a, n int) { accepted.SetCurrent(int64(a)); answered.SetCurrent(int64(n)) },
		func() { accepted.Abort(false); answered.Abort(false); b.Wait() }
}
