-- +goose Up
-- When a booking became PENDING_PAYMENT and how long it could be paid from then
-- on. expires_at is their sum; `onsale verify` checks it. Null in rows that were
-- pending before this migration.
ALTER TABLE bookings ADD COLUMN window_opened_at timestamptz, ADD COLUMN window_us bigint;

-- +goose Down
ALTER TABLE bookings DROP COLUMN window_opened_at, DROP COLUMN window_us;
