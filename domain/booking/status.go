package booking

// Status is the state of a booking, as in API responses.
type Status string

// The states.
const (
	Processing     Status = "processing"
	PendingPayment Status = "pending_payment"
	Paid           Status = "paid"
	Failed         Status = "failed"
	Cancelled      Status = "cancelled"
)

// Statuses lists all states.
var Statuses = []Status{Processing, PendingPayment, Paid, Failed, Cancelled}

// edges lists the allowed transitions.
var edges = map[Status][]Status{
	Processing:     {PendingPayment, Failed, Cancelled},
	PendingPayment: {Paid, Cancelled},
}

// CanBecome reports whether a booking may move from s to next.
func (s Status) CanBecome(next Status) bool {
	for _, to := range edges[s] {
		if to == next {
			return true
		}
	}
	return false
}

// Final reports whether no transition leads out of s.
func (s Status) Final() bool { return len(edges[s]) == 0 }

// PaymentStatus is the state of one attempt to pay:
//
//	started ──→ authorised ──→ capture_due ──→ captured
//	    │           │
//	    │           └──→ void_due ──→ voided
//	    ├──→ declined
//	    └──→ void_due
type PaymentStatus string

// The states of a payment.
const (
	Started    PaymentStatus = "started"
	Authorised PaymentStatus = "authorised"
	CaptureDue PaymentStatus = "capture_due"
	Captured   PaymentStatus = "captured"
	Declined   PaymentStatus = "declined"
	VoidDue    PaymentStatus = "void_due"
	Voided     PaymentStatus = "voided"
)

// PaymentStatuses lists all states.
var PaymentStatuses = []PaymentStatus{Started, Authorised, CaptureDue, Captured, Declined, VoidDue, Voided}

var paymentEdges = map[PaymentStatus][]PaymentStatus{
	Started:    {Authorised, Declined, VoidDue}, // void_due: the gateway never answered
	Authorised: {CaptureDue, VoidDue},
	CaptureDue: {Captured},
	VoidDue:    {Voided},
}

// CanBecome reports whether a payment may move from s to next.
func (s PaymentStatus) CanBecome(next PaymentStatus) bool {
	for _, to := range paymentEdges[s] {
		if to == next {
			return true
		}
	}
	return false
}
