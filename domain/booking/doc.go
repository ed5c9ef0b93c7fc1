// Package booking holds a booking, its states and its rules:
//
//	PROCESSING ──→ PENDING_PAYMENT ──→ PAID
//	    │  │              │
//	    │  └──→ CANCELLED ←┘
//	    └──→ FAILED
//
// FAILED, PAID and CANCELLED are final. Any other transition is refused.
package booking
