// Package booking holds a booking, its states and the rules by which it moves:
//
//	PROCESSING ──→ PENDING_PAYMENT ──→ PAID
//	    │  │              │
//	    │  └──→ CANCELLED ←┘
//	    └──→ FAILED
//
// FAILED, PAID and CANCELLED are final. Everything that is not drawn is
// refused.
package booking
