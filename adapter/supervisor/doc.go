// Package supervisor runs all of Onsale on one machine: PostgreSQL, Redis, the
// broker and the three services, each a process of its own, below one
// data directory.
//
//	DATA/run.json     addresses and process ids, while it runs
//	DATA/lock         held while it runs
//	DATA/secrets/     session key, database URLs: readable by their owner alone
//	DATA/logs/        one file for each process
//	DATA/postgres/ redis/ broker/ kafka/ gateway/ seats/   what each of them keeps
//	DATA/broker-kind  which broker it was made with; kafka.json: how to speak with one of somebody else
package supervisor
