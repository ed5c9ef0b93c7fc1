-- +goose Up
CREATE TABLE users (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text        NOT NULL UNIQUE, -- lower case
    name          text        NOT NULL,
    role          text        NOT NULL,
    password_hash text        NOT NULL,
    created_at    timestamptz NOT NULL
);

CREATE TABLE events (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seller_id        bigint      NOT NULL REFERENCES users,
    seller_name      text        NOT NULL,
    name             text        NOT NULL,
    description      text        NOT NULL,
    venue_name       text        NOT NULL,
    starts_at        timestamptz NOT NULL,
    time_zone        text        NOT NULL,
    currency         text        NOT NULL,
    max_tickets      integer     NOT NULL,
    status           text        NOT NULL, -- creating, on_sale, closed
    created_at       timestamptz NOT NULL,
    revision         bigint      NOT NULL,
    published        bigint      NOT NULL DEFAULT 0, -- the revision that the catalogue has
    journal_topic_id text        NOT NULL
);
CREATE INDEX events_of_seller ON events (seller_id, id DESC);
CREATE INDEX events_unpublished ON events (id) WHERE published < revision;

-- position is that of the section in the event's list as created: it decides
-- the section's partition.
CREATE TABLE sections (
    event_id    bigint    NOT NULL REFERENCES events,
    position    smallint  NOT NULL,
    name        text      NOT NULL,
    price       bigint    NOT NULL, -- minor units
    subsections integer[] NOT NULL, -- their numbers
    layout      jsonb     NOT NULL, -- their rows and seats
    PRIMARY KEY (event_id, position),
    UNIQUE (event_id, name)
);

-- One row for each seat. The key is the layout order; no other index, so that
-- updates stay on their page.
CREATE TABLE tickets (
    event_id   bigint   NOT NULL,
    section    smallint NOT NULL, -- position
    subsection smallint NOT NULL,
    row_no     smallint NOT NULL,
    seat_no    smallint NOT NULL,
    status     smallint NOT NULL, -- 0 available, 1 reserved, 2 sold
    phase      smallint NOT NULL,
    hold       bigint   NOT NULL,
    booking_id uuid,
    holder_id  bigint,
    price      bigint,            -- of the booking
    PRIMARY KEY (event_id, section, subsection, row_no, seat_no)
) WITH (fillfactor = 70);

-- What each step changed in a section; counts and revenue are sums of these, so
-- that no row is shared by two writers.
CREATE TABLE ticket_deltas (
    event_id  bigint      NOT NULL,
    section   smallint    NOT NULL,
    available integer     NOT NULL,
    reserved  integer     NOT NULL,
    sold      integer     NOT NULL,
    revenue   bigint      NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX ticket_deltas_of_event ON ticket_deltas (event_id);

-- How far each input was applied; moved in the transaction of the effects.
CREATE TABLE input_offsets (
    cluster     text    NOT NULL,
    topic_id    text    NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint  NOT NULL,
    PRIMARY KEY (cluster, topic_id, partition)
);

-- FinalizeSeats and ReleaseSeat that are not acknowledged yet. Claimed, never
-- read by "id greater than the last".
CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message    text        NOT NULL,
    event_id   bigint      NOT NULL,
    booking_id uuid        NOT NULL,
    section    text        NOT NULL,
    partition  integer     NOT NULL,
    seats      text[]      NOT NULL,
    hold       bigint      NOT NULL,
    at         timestamptz NOT NULL
);

-- +goose Down
DROP TABLE outbox, input_offsets, ticket_deltas, tickets, sections, events, users;
