-- +goose Up
-- The brokers have refused the topics of the event.
ALTER TABLE events ADD COLUMN no_room boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE events DROP COLUMN no_room;
