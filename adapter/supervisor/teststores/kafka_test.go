package teststores

import (
	"testing"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

// One cluster id in 64 begins with a dash. It must not be read as an option.
func TestClusterIDThatBeginsWithADash(t *testing.T) {
	ports, err := supervisor.FreePorts(2)
	if err != nil {
		t.Fatal(err)
	}
	node(t, supervisor.ApacheKafka{Port: ports[0], Controller: ports[1], Cluster: "-AbCdEfGhIjKlMnOpQrStg"}).Start()
}
