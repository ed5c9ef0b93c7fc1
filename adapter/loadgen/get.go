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
		return nil, errors.New(url + ": " + resp.Status)
	}
	return resp, nil
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
