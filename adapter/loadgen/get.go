package loadgen

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// get sends a GET request. The caller closes the body. Any status but 200 is an
// error.
func get(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, statusError{url, resp.StatusCode, resp.Status}
	}
	return resp, nil
}

// statusError is an answer that is not 200.
type statusError struct {
	url    string
	code   int
	status string
}

func (e statusError) Error() string { return e.url + ": " + e.status }

// unavailable reports whether a service cannot answer yet.
func unavailable(err error) bool {
	var answer statusError
	return errors.As(err, &answer) && answer.code == http.StatusServiceUnavailable
}

// getJSON decodes the body of a GET request into a value.
func getJSON(ctx context.Context, url string, into any) error {
	resp, err := get(ctx, url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}
