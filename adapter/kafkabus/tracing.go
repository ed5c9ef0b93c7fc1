package kafkabus

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

var tracer = otel.Tracer("github.com/onsale-tickets/onsale/adapter/kafkabus")

// traceHeader is the record header of a W3C trace context.
const traceHeader = "traceparent"

// traced returns ctx with the span of a trace context as parent.
func traced(ctx context.Context, parent string) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{traceHeader: parent})
}

// parentOf returns the trace context of the span in ctx.
func parentOf(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[traceHeader]
}

// messaging returns the attributes of a span about a message. The names are those
// of OpenTelemetry's conventions, where they have one.
func messaging(operation string, e message.Envelope) trace.SpanStartOption {
	attributes := []attribute.KeyValue{attribute.String("messaging.system", "kafka"), attribute.String("messaging.operation.type", operation),
		attribute.String("messaging.message.id", e.ID), attribute.Int64("onsale.event.id", int64(e.Body.Event()))}
	if id := message.BookingOf(e.Body); !id.IsZero() {
		attributes = append(attributes, attribute.String("onsale.booking.id", id.String()))
	}
	return trace.WithAttributes(attributes...)
}

// tracedSend starts the span of a message that is sent, if it is traced. The
// message carries the span. The returned done ends it.
func tracedSend(e *message.Envelope, done func(error)) func(error) {
	if e.TraceParent == "" {
		return done
	}
	ctx, span := tracer.Start(traced(context.Background(), e.TraceParent), "send "+e.Body.Action().Flow().Message,
		trace.WithSpanKind(trace.SpanKindProducer), messaging("send", *e))
	if parent := parentOf(ctx); parent != "" {
		e.TraceParent = parent
	}
	return func(err error) {
		endSpan(span, err)
		done(err)
	}
}

// tracedBatch starts a span for each traced message of a batch, which the message
// then carries. It also starts one for the batch, since a batch is stored as one
// step: its parent is the span of the first message, the others are linked.
func tracedBatch(ctx context.Context, batch []port.Delivery) (context.Context, func(error)) {
	var spans []trace.Span
	var links []trace.Link
	for i := range batch {
		e := &batch[i].Envelope
		if e.TraceParent == "" || e.Body == nil {
			continue
		}
		own, span := tracer.Start(traced(context.Background(), e.TraceParent), "process "+e.Body.Action().Flow().Message,
			trace.WithSpanKind(trace.SpanKindConsumer), messaging("process", *e))
		if parent := parentOf(own); parent != "" {
			e.TraceParent = parent
		}
		spans, links = append(spans, span), append(links, trace.Link{SpanContext: span.SpanContext()})
	}
	if len(spans) == 0 {
		return ctx, func(error) {}
	}
	ctx, whole := tracer.Start(trace.ContextWithSpan(ctx, spans[0]), "deliver", trace.WithLinks(links[1:]...),
		trace.WithAttributes(attribute.Int("messaging.batch.message_count", len(batch))))
	return ctx, func(err error) {
		endSpan(whole, err)
		for _, span := range spans {
			endSpan(span, err)
		}
	}
}

func endSpan(span trace.Span, err error) {
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
