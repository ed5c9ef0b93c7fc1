-- +goose Up
-- A request that got no answer is sent again by PostgreSQL's clock, never by that
-- of the server that accepted the booking. Servers of the version before still
-- give a value of their own.
ALTER TABLE bookings ALTER COLUMN resend_at SET DEFAULT clock_timestamp() + interval '10 seconds';
-- Rows that a server with a wrong clock wrote before.
UPDATE bookings SET resend_at = clock_timestamp() + interval '5 minutes'
    WHERE status = 'processing' AND resend_at > clock_timestamp() + interval '5 minutes';

-- +goose Down
ALTER TABLE bookings ALTER COLUMN resend_at DROP DEFAULT;
