package kafkabus

import (
	"errors"
	"strings"
	"testing"
)

// One fence is no sign of a second server of the same name. Fences that repeat are.
func TestFenceError(t *testing.T) {
	cause := errors.New("fenced")

	first, again := fenceError("s1", false, cause), fenceError("s1", true, cause)

	if strings.Contains(first.Error(), "another server") || !strings.Contains(first.Error(), "restart of the broker") || !errors.Is(first, cause) {
		t.Error(first)
	}
	if !strings.Contains(again.Error(), `another server calls itself "s1" too`) || !errors.Is(again, cause) {
		t.Error(again)
	}
}
