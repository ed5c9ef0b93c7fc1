-- +goose Up
-- Deltas are folded into these sums, so that the cost of counts and of sales does
-- not grow with the number of bookings. Only the fold writes to them.
CREATE TABLE ticket_totals (
    event_id  bigint   NOT NULL,
    section   smallint NOT NULL, -- position
    available integer  NOT NULL,
    reserved  integer  NOT NULL,
    sold      integer  NOT NULL,
    revenue   bigint   NOT NULL,
    bookings  integer  NOT NULL,
    PRIMARY KEY (event_id, section)
);

-- What was paid in each minute, in all sections together.
CREATE TABLE ticket_minutes (
    event_id bigint      NOT NULL,
    minute   timestamptz NOT NULL, -- its start
    sold     integer     NOT NULL,
    revenue  bigint      NOT NULL,
    PRIMARY KEY (event_id, minute)
);

-- The counts of a section are the sums of these rows: of the folded deltas and of
-- those that are not folded yet.
CREATE VIEW ticket_sums AS
    SELECT event_id, section, available, reserved, sold, revenue, bookings FROM ticket_totals
    UNION ALL
    SELECT event_id, section, available, reserved, sold, revenue, bookings FROM ticket_deltas;

-- Sales over time are the sums of these rows.
CREATE VIEW ticket_payments AS
    SELECT event_id, minute, sold, revenue FROM ticket_minutes
    UNION ALL
    SELECT event_id, at, sold, revenue FROM ticket_deltas WHERE sold <> 0 OR revenue <> 0;

-- +goose Down
-- A total has no minute, and a minute has no section: the minutes go to the first
-- section, and are taken off again where the totals are added.
INSERT INTO ticket_deltas (event_id, section, available, reserved, sold, revenue, at, bookings)
    SELECT t.event_id, t.section, t.available, t.reserved, t.sold, t.revenue, e.created_at, t.bookings FROM ticket_totals t JOIN events e ON e.id = t.event_id
    UNION ALL
    SELECT event_id, 0, 0, 0, sold, revenue, minute, 0 FROM ticket_minutes
    UNION ALL
    SELECT m.event_id, 0, 0, 0, -sum(m.sold), -sum(m.revenue), e.created_at, 0 FROM ticket_minutes m JOIN events e ON e.id = m.event_id GROUP BY m.event_id, e.created_at;
DROP VIEW ticket_payments, ticket_sums;
DROP TABLE ticket_minutes, ticket_totals;
