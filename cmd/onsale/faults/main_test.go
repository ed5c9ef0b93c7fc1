package faults_test

import (
	"testing"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

func TestMain(m *testing.M) { e2e.Main(m) }
