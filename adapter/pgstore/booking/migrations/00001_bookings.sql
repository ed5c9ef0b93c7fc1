-- +goose Up
CREATE TABLE bookings (
    id            uuid PRIMARY KEY,
    event_id      bigint      NOT NULL,
    buyer_id      bigint      NOT NULL,
    section       text        NOT NULL,
    subsection    integer     NOT NULL, -- 0: any
    mode          text        NOT NULL,
    positions     text[]      NOT NULL,
    quantity      integer     NOT NULL,
    allow_partial boolean     NOT NULL,
    unit_price    bigint      NOT NULL,
    currency      text        NOT NULL,
    status        text        NOT NULL,
    seats         text[]      NOT NULL,
    hold          bigint      NOT NULL,
    failure       text        NOT NULL,
    cancellation  text        NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz,
    paid_at       timestamptz,
    revision      bigint      NOT NULL
) WITH (fillfactor = 70);
-- Ids are of version 7: their order is that of acceptance.
CREATE INDEX bookings_of_buyer ON bookings (buyer_id, id DESC);
-- The rows that wait for an answer are the outbox of their requests.
CREATE INDEX bookings_processing ON bookings (created_at) WHERE status = 'processing';

-- How far each input was applied; moved in the transaction of the effects.
CREATE TABLE input_offsets (
    cluster     text    NOT NULL,
    topic_id    text    NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint  NOT NULL,
    PRIMARY KEY (cluster, topic_id, partition)
);

-- Messages that followed from an answer and are not acknowledged yet. Claimed,
-- never read by "id greater than the last".
CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    booking_id uuid        NOT NULL,
    event_id   bigint      NOT NULL,
    section    text        NOT NULL,
    seats      text[]      NOT NULL,
    hold       bigint      NOT NULL,
    reason     text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE outbox;
DROP TABLE input_offsets;
DROP TABLE bookings;
