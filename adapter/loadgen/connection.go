package loadgen

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
)

// connection sends prepared requests over a connection of its own, one at a time,
// and reads their answers. A client of net/http has two goroutines a connection and
// parses every header, which costs more than the rest of a load generator. A
// connection may be used by one goroutine at a time.
type connection struct {
	addr string
	conn net.Conn // nil: to be dialed
	in   *bufio.Reader
	body []byte      // of the last answer
	free func() bool // unlinks the connection from the context that closes it
}

func newConnection(url string) *connection {
	return &connection{addr: strings.TrimPrefix(url, "http://"), in: bufio.NewReaderSize(nil, 4096)}
}

// do sends a request and returns the status and the body of the answer. The body is
// valid until the next call. After an error the next call dials again.
func (c *connection) do(ctx context.Context, request []byte) (status int, body []byte, err error) {
	if err := c.send(ctx, request); err != nil {
		return 0, nil, err
	}
	h, err := readHead(c.in)
	if err == nil {
		c.body, err = h.readBody(c.in, c.body[:0])
	}
	if err != nil || h.closes {
		c.close()
	}
	return h.status, c.body, err
}

// stream sends a request and returns the body of its answer while it arrives.
func (c *connection) stream(ctx context.Context, request []byte) (io.Reader, error) {
	if err := c.send(ctx, request); err != nil {
		return nil, err
	}
	h, err := readHead(c.in)
	switch {
	case err != nil:
		return nil, err
	case h.status == http.StatusServiceUnavailable:
		return nil, errUnavailable
	case h.status != http.StatusOK:
		return nil, fmt.Errorf("the answer to a stream's request is %d", h.status)
	case h.chunked:
		return httputil.NewChunkedReader(c.in), nil
	case h.length >= 0:
		return io.LimitReader(c.in, int64(h.length)), nil
	}
	return c.in, nil
}

// errUnavailable reports that the server answered 503.
var errUnavailable = errors.New("the server answered 503")

// send dials if it must, and writes a request. Both end when ctx is done, and so
// does the reading of the answer.
func (c *connection) send(ctx context.Context, request []byte) (err error) {
	if c.conn == nil {
		var dialer net.Dialer
		if c.conn, err = dialer.DialContext(ctx, "tcp", c.addr); err != nil {
			return err
		}
		c.in.Reset(c.conn)
		conn := c.conn
		c.free = context.AfterFunc(ctx, func() { _ = conn.Close() })
	}
	if _, err = c.conn.Write(request); err != nil {
		c.close()
	}
	return err
}

func (c *connection) close() {
	if c.conn != nil {
		c.free()
		_ = c.conn.Close()
		c.conn = nil
	}
}

// head is what a load generator must know of an answer's head.
type head struct {
	status  int
	length  int // of the body, in bytes; -1: not said
	chunked bool
	closes  bool // the server closes the connection after the body
}

// errStrange reports an answer that this package does not understand. It fails a
// benchmark: counting it as a refusal would hide a fault of the one or the other.
var errStrange = errors.New("the server's answer is not understood")

// readHead reads the status line and the headers.
func readHead(in *bufio.Reader) (head, error) {
	h := head{length: -1}
	line, err := in.ReadSlice('\n')
	if err != nil {
		return h, tooLong(err)
	}
	if len(line) < len("HTTP/1.1 200") || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return h, fmt.Errorf("%w: %q", errStrange, line)
	}
	if h.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return h, fmt.Errorf("%w: %q", errStrange, line)
	}
	for {
		if line, err = in.ReadSlice('\n'); err != nil {
			return h, tooLong(err)
		}
		name, value, is := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
		if !is {
			return h, nil
		}
		switch value = bytes.TrimSpace(value); {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if h.length, err = strconv.Atoi(string(value)); err != nil {
				return h, fmt.Errorf("%w: %q", errStrange, line)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			h.chunked = true
		case bytes.EqualFold(name, []byte("Connection")):
			h.closes = bytes.EqualFold(value, []byte("close"))
		}
	}
}

// readBody appends the body to a buffer.
func (h head) readBody(in *bufio.Reader, to []byte) ([]byte, error) {
	switch {
	case h.chunked:
		buffer := bytes.NewBuffer(to)
		if _, err := buffer.ReadFrom(httputil.NewChunkedReader(in)); err != nil {
			return to, err
		}
		_, err := in.ReadSlice('\n') // the empty line after the last chunk
		return buffer.Bytes(), err
	case h.length >= 0:
		to = append(to, make([]byte, h.length)...)
		_, err := io.ReadFull(in, to)
		return to, err
	}
	return to, fmt.Errorf("%w: it does not say how long it is", errStrange)
}

// tooLong returns errStrange for a line that is longer than the buffer.
func tooLong(err error) error {
	if errors.Is(err, bufio.ErrBufferFull) {
		return fmt.Errorf("%w: a line is too long", errStrange)
	}
	return err
}
