package embeddedbroker

import (
	"net"
	"slices"
	"sync"
)

// mostAnswers is how many answers of a connection wait for the disk. The next one
// blocks.
const mostAnswers = 64

// conn is a connection on which an answer leaves when all that was written before it is
// durable. So a producer is told of no record, and a consumer gets none, that a loss of
// power could take back. While answers wait, kfake goes on with the next requests.
type conn struct {
	net.Conn
	syncer *syncer

	mu      sync.Mutex
	moved   *sync.Cond // an answer has left, or none will
	answers []answer   // that wait, in order
	leaving bool       // leave runs
	err     error      // why no more answers leave
}

type answer struct {
	bytes []byte
	after *round // nil: nothing
}

func newConn(c net.Conn, s *syncer) *conn {
	durable := &conn{Conn: c, syncer: s}
	durable.moved = sync.NewCond(&durable.mu)
	return durable
}

// Write sends an answer, at once or when the disk has done its work. kfake calls it from
// one goroutine at a time. An error of an answer that had to wait comes from the next
// call.
func (c *conn) Write(p []byte) (int, error) {
	r, err := c.syncer.pending()
	if err != nil {
		return 0, err
	}
	switch wait, err := c.enqueue(p, r); {
	case err != nil:
		return 0, err
	case wait:
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// enqueue puts an answer behind those that wait, or behind r. It returns false if it
// need not wait.
func (c *conn) enqueue(p []byte, r *round) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.answers) >= mostAnswers && c.err == nil {
		c.moved.Wait()
	}
	if c.err != nil || r == nil && !c.leaving {
		return false, c.err
	}
	c.answers = append(c.answers, answer{slices.Clone(p), r})
	if !c.leaving {
		c.leaving = true
		go c.leave()
	}
	return true, nil
}

// Close closes the connection. Answers that wait are dropped.
func (c *conn) Close() error {
	c.end(net.ErrClosed)
	return c.Conn.Close()
}

func (c *conn) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
	c.answers = nil
	c.moved.Broadcast()
}

// leave sends answers while there are any.
func (c *conn) leave() {
	for {
		c.mu.Lock()
		if len(c.answers) == 0 {
			c.leaving = false
			c.mu.Unlock()
			return
		}
		next := c.answers[0]
		c.answers = c.answers[1:]
		c.moved.Broadcast()
		c.mu.Unlock()
		if next.after != nil {
			<-next.after.done
			if err := next.after.err; err != nil {
				c.end(err)
				_ = c.Conn.Close()
				continue
			}
		}
		if _, err := c.Conn.Write(next.bytes); err != nil {
			c.end(err)
		}
	}
}
