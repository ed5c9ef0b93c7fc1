package supervisor

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// KeepExternal stores how the external cluster is connected to, as JSON, so that
// a later start needs no flags. The value must hold no secret.
func (c Config) KeepExternal(settings any) error {
	content, err := json.MarshalIndent(settings, "", "  ")
	if err != nil {
		return err
	}
	return writeSecret(c.path("kafka.json"), string(content)+"\n")
}

// ReadExternal reads what KeepExternal stored. It leaves settings as they are if
// nothing is stored.
func (c Config) ReadExternal(settings any) error {
	content, err := os.ReadFile(c.path("kafka.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, settings); err != nil {
		return fmt.Errorf("%s: %w", c.path("kafka.json"), err)
	}
	return nil
}
