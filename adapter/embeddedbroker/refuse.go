package embeddedbroker

import (
	"fmt"
	"unsafe"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// refuse refuses to create topics for which there is no room, all or none of a
// request, as a policy of Apache Kafka would. Otherwise it leaves the request to kfake.
func (b *Broker) refuse(r kmsg.Request) (kmsg.Response, error, bool) {
	b.cluster.KeepControl()
	request, is := r.(*kmsg.CreateTopicsRequest)
	if !is {
		return nil, nil, false
	}
	exist, partitions := map[string]bool{}, 0
	b.partitions(func(topic string, _ unsafe.Pointer) {
		exist[topic] = true
		partitions++
	})
	added := 0
	for _, t := range request.Topics {
		if !exist[t.Topic] {
			added += int(max(t.NumPartitions, 1))
		}
	}
	why := b.noRoom(partitions, added)
	if why == "" {
		return nil, nil, false
	}
	answer := request.ResponseKind().(*kmsg.CreateTopicsResponse)
	for _, t := range request.Topics {
		one := kmsg.NewCreateTopicsResponseTopic()
		one.Topic, one.ErrorCode, one.ErrorMessage = t.Topic, kerr.PolicyViolation.Code, &why
		if exist[t.Topic] {
			one.ErrorCode, one.ErrorMessage = kerr.TopicAlreadyExists.Code, nil
		}
		answer.Topics = append(answer.Topics, one)
	}
	return answer, nil, true
}

// noRoom says why partitions cannot be added, or nothing if they can.
func (b *Broker) noRoom(partitions, added int) string {
	if added == 0 {
		return ""
	}
	if b.most > 0 && partitions+added > b.most {
		return fmt.Sprintf("the embedded broker has %d of at most %d partitions, and %d more are asked for", partitions, b.most, added)
	}
	if used, most := b.spareFiles(); used+2*added > most-most/8 { // two files for each; what is left is for connections
		return fmt.Sprintf("the embedded broker has %d files open of at most %d, and %d more partitions are asked for", used, most, added)
	}
	return ""
}
