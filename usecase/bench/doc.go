// Package bench measures a running installation: a whole sale, what happens when
// servers end, and what idle events cost. It decides what is measured and how
// figures are computed. The ports create the events, send the load and read the
// processor times.
package bench
