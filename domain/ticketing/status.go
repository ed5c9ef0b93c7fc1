package ticketing

// Status is the status of a ticket.
type Status int

// The statuses of a ticket.
const (
	Available Status = iota
	Reserved
	Sold
	statuses
)

// transitions has every allowed step.
var transitions = [statuses][statuses]bool{
	Available: {Reserved: true},
	Reserved:  {Sold: true, Available: true},
	Sold:      {},
}

// May reports whether a ticket may go from s to next in one step.
func (s Status) May(next Status) bool { return transitions[s][next] }

var statusNames = [statuses]string{"available", "reserved", "sold"}

// String returns the name of the status in the API.
func (s Status) String() string { return statusNames[s] }

// ParseStatus reads a name that String returns, and reports whether it is one.
func ParseStatus(text string) (Status, bool) {
	for s, name := range statusNames {
		if name == text {
			return Status(s), true
		}
	}
	return 0, false
}
