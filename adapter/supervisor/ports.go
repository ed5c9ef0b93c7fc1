package supervisor

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
)

// Ports of servers are below those that Linux gives to connections that go out:
// one of these may hold a port that was free a moment ago.
const lowestPort, highestPort, portsOfBlock = 10_000, 32_000, 40

// A port that is answered is bound seconds later, by a server that has to start
// first; another process may look for ports meanwhile. So ports are taken by
// the block: whoever listens on the first port of one has the others, until its
// process ends.
var taken struct {
	sync.Mutex
	guards []net.Listener // kept: a listener that nobody holds is closed
	left   []int          // of the newest block
}

// FreePorts answers n ports of 127.0.0.1 that nobody listens on, and that no
// other call answers as long as this process lives.
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
			continue // somebody has it who does not know of blocks
		}
		_ = l.Close()
		ports = append(ports, port)
	}
	return ports, nil
}

// takeBlock takes the first block that is free, from a random one on.
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
