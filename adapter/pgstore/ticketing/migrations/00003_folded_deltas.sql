-- +goose Up
-- Deltas are folded into these sums, so that the cost of counts and of sales does
-- not grow with the number of bookings. Only the fold writes to them.
CREATE TABLE ticket_totals (
    event_id  bigint   NOT NULL,
    section   smallint NOT NULL, -- position
    available integer  NOT NULL,
    reserved  integer  NOT NULL,
    sold      integer  NOT NULL,
    bookings  integer  NOT NULL,
    PRIMARY KEY (event_id, section)
);

-- What was paid in each minute.
CREATE TABLE ticket_minutes (
    event_id bigint      NOT NULL,
    section  smallint    NOT NULL, -- position
    minute   timestamptz NOT NULL, -- its start
    sold     integer     NOT NULL,
    revenue  bigint      NOT NULL,
    PRIMARY KEY (event_id, section, minute)
);

-- The counts of a section are the sums of these rows: of the folded deltas and of
-- those that are not folded yet.
CREATE VIEW ticket_sums AS
    SELECT event_id, section, available, reserved, sold, bookings FROM ticket_totals
    UNION ALL
    SELECT event_id, section, available, reserved, sold, bookings FROM ticket_deltas;

-- Revenue, and sales over time, are the sums of these rows.
CREATE VIEW ticket_payments AS
    SELECT event_id, section, minute, sold, revenue FROM ticket_minutes
    UNION ALL
    SELECT event_id, section, date_trunc('minute', at, 'UTC'), sold, revenue FROM ticket_deltas WHERE sold <> 0 OR revenue <> 0;

-- +goose Down
INSERT INTO ticket_deltas (event_id, section, available, reserved, sold, revenue, at, bookings)
    SELECT t.event_id, t.section, t.available, t.reserved, 0, 0, e.created_at, t.bookings FROM ticket_totals t JOIN events e ON e.id = t.event_id
    UNION ALL
    SELECT event_id, section, 0, 0, sold, revenue, minute, 0 FROM ticket_minutes;
DROP VIEW ticket_payments, ticket_sums;
DROP TABLE ticket_minutes, ticket_totals;
