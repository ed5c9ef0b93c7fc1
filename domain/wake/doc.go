// Package wake decides which events are awake. An event that nobody needs sleeps: no
// server is a member of its groups, follows its journal, or has its seats in memory.
//
// All servers follow one log, and fold it in the same way:
//
//	Woken    somebody needs the event
//	Rested   a service has found nothing left to do about it
//
//	           every service rests,          every service rests again,
//	           in any order                  with nothing read in between
//	awake ─────────────────────────▶ drowsy ─────────────────────────────▶ asleep
//	  ▲                                │                                     │
//	  └────────────────────────────────┴─────────────────────────────────────┘
//	   Woken
//
// A service that rests has no work of its own (no open booking, no message to send)
// and has read its inputs to their ends. Another service may send it a message right
// afterwards, so one round is not enough. In the second round every service looks
// again, after all have rested once. If no input of any service has grown between
// its two looks, then no message was under way at the moment between the rounds.
// This is the four counter method: Friedemann Mattern, "Algorithms for distributed
// termination detection", Distributed Computing 2 (1987).
//
// What begins anew, such as a booking, is a row in a database until it is answered.
// Who finds such a row of an event that is not simply awake wakes it.
package wake
