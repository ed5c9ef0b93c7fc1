// Package supervisor runs all of Onsale on one machine: PostgreSQL, Redis, the
// broker and the servers of the three services. Each is a process. All data is
// below one directory:
//
//	run.json       addresses and process ids, while it runs
//	last-run.json  when it ran last
//	lock           locked while it runs
//	secrets/       session key and database URLs, readable by their owner only
//	logs/          one file for each process
//	postgres/ redis/ broker/ kafka/ gateway/ seats/   the data of each process
//	broker-kind    the kind of broker it was made with
//	kafka.json     settings of an external Kafka cluster, without secrets
package supervisor
