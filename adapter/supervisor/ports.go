package supervisor

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

// Ports of servers are below those that Linux uses for outgoing connections. An
// outgoing connection could otherwise take a port that was free a moment ago.
const lowestPort, highestPort, portsOfBlock = 10_000, 32_000, 40

// taken are the ports that this process has reserved. A server binds its port
// seconds after it was chosen, and another process may look for ports meanwhile.
// So ports are reserved in blocks: the process that listens on the first port of a
// block owns the others until it ends.
var taken struct {
	sync.Mutex
	guards []net.Listener // referenced here so that they are not collected and closed
	left   []int          // of the newest block
}

// FreePorts returns n free ports of 127.0.0.1. No other call, in any process that
// uses this function, returns them while this process runs.
func FreePorts(n int) ([]int, error) {
	taken.Lock()
	defer taken.Unlock()
	var ports []int
	for len(ports) < n {
		if len(taken.left) == 0 {
			if err := takeBlock(); err != nil {
				return nil, err
			}
		}
		port := taken.left[0]
		taken.left = taken.left[1:]
		l, err := listen(port)
		if err != nil {
			continue // in use by a program that does not reserve blocks
		}
		_ = l.Close()
		ports = append(ports, port)
	}
	return ports, nil
}

// takeBlock reserves the first free block, starting at a random one.
func takeBlock() error {
	const blocks = (highestPort - lowestPort) / portsOfBlock
	from := rand.IntN(blocks)
	for n := range blocks {
		first := lowestPort + (from+n)%blocks*portsOfBlock
		guard, err := listen(first)
		if err != nil {
			continue
		}
		taken.guards = append(taken.guards, guard)
		for port := first + 1; port < first+portsOfBlock; port++ {
			taken.left = append(taken.left, port)
		}
		return nil
	}
	return fmt.Errorf("there are no free ports from %d to %d", lowestPort, highestPort)
}

func listen(port int) (net.Listener, error) { return net.Listen("tcp", local(port)) }
