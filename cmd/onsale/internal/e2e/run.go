package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// ServiceURL is the address of a service itself, without the door.
func (in *Installation) ServiceURL(name string) string {
	var run struct {
		Services map[string]struct {
			HTTP string `json:"http"`
		} `json:"services"`
	}
	in.Run(&run)
	return "http://" + run.Services[name].HTTP
}

// Run reads what the installation says about itself.
func (in *Installation) Run(into any) {
	in.T.Helper()
	content, err := os.ReadFile(filepath.Join(in.Data, "run.json"))
	if err != nil {
		in.T.Fatal(err)
	}
	Decode(in.T, content, into)
}

func (in *Installation) Kafka() string {
	var run struct {
		Kafka string `json:"kafka"`
	}
	in.Run(&run)
	return run.Kafka
}

// PID is the process of a part now; 0 between two runs.
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

// Ops is where a server answers those on call.
func (in *Installation) Ops(part string) string {
	var run struct {
		Services map[string]struct{ Ops string }
	}
	in.Run(&run)
	return run.Services[part].Ops
}
