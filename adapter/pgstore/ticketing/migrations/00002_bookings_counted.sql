-- +goose Up
-- How many bookings a step heard of for the first time: a seller watches them.
ALTER TABLE ticket_deltas ADD COLUMN bookings integer NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE ticket_deltas DROP COLUMN bookings;
