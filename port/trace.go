package port

import "context"

type traceKey struct{}

// WithTraceParent keeps a W3C trace context with a request that is traced, so
// that the messages which follow from it carry it.
func WithTraceParent(ctx context.Context, parent string) context.Context {
	return context.WithValue(ctx, traceKey{}, parent)
}

// TraceParent is the trace context of a request, empty unless it is traced.
func TraceParent(ctx context.Context) string {
	parent, _ := ctx.Value(traceKey{}).(string)
	return parent
}
