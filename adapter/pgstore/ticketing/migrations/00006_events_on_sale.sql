-- +goose Up
-- The public list shows what is on sale, newest first. Most events of an installation
-- that is some years old are over.
CREATE INDEX events_on_sale ON events (id DESC) WHERE status = 'on_sale';

-- +goose Down
DROP INDEX events_on_sale;
