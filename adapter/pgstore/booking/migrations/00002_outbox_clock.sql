-- +goose Up
-- What is due is judged by the clock, not by the start of the transaction: a
-- message must not be older than the deadline that let it be written.
ALTER TABLE outbox ALTER COLUMN created_at SET DEFAULT clock_timestamp();

-- +goose Down
ALTER TABLE outbox ALTER COLUMN created_at SET DEFAULT now();
