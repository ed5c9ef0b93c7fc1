package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// ServiceURL returns the address of a service, without the proxy.
func (in *Installation) ServiceURL(name string) string {
	var run struct {
		Services map[string]struct {
			HTTP string `json:"http"`
		} `json:"services"`
	}
	in.Run(&run)
	return "http://" + run.Services[name].HTTP
}

// Run decodes run.json, which describes the running installation.
func (in *Installation) Run(into any) {
	in.T.Helper()
	content, err := os.ReadFile(filepath.Join(in.Data, "run.json"))
	if err != nil {
		in.T.Fatal(err)
	}
	Decode(in.T, content, into)
}

// Kafka returns the address of the broker.
func (in *Installation) Kafka() string {
	var run struct {
		Kafka string `json:"kafka"`
	}
	in.Run(&run)
	return run.Kafka
}

// PID returns the process id of a part, or 0 while it does not run.
func (in *Installation) PID(name string) int {
	content, err := os.ReadFile(filepath.Join(in.Data, "run.json"))
	if err != nil {
		return 0
	}
	var run struct {
		Processes map[string]int `json:"processes"`
	}
	if json.Unmarshal(content, &run) != nil {
		return 0
	}
	return run.Processes[name]
}

// Ops returns the address of a server's private port for metrics and readiness.
func (in *Installation) Ops(part string) string {
	var run struct {
		Services map[string]struct{ Ops string }
	}
	in.Run(&run)
	return run.Services[part].Ops
}
