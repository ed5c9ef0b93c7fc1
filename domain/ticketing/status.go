package ticketing

// Status is where a ticket stands.
type Status int

// The statuses of a ticket.
const (
	Available Status = iota
	Reserved
	Sold
	statuses
)

// transitions are all that a ticket may do; everything else is refused.
var transitions = [statuses][statuses]bool{
	Available: {Reserved: true},
	Reserved:  {Sold: true, Available: true},
	Sold:      {},
}

// May tells whether a ticket may go from s to next in one step.
func (s Status) May(next Status) bool { return transitions[s][next] }

var statusNames = [statuses]string{"available", "reserved", "sold"}

// String is the status as it stands in answers.
func (s Status) String() string { return statusNames[s] }

// ParseStatus reads the form that String gives.
func ParseStatus(text string) (Status, bool) {
	for s, name := range statusNames {
		if name == text {
			return Status(s), true
		}
	}
	return 0, false
}
