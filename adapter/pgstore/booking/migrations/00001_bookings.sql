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
    revision      bigint      NOT NULL,
    -- What a repeat of the request is known by.
    idempotency_key text,
    request_hash    bytea,
    -- When the request is sent again while there is no answer.
    resend_at     timestamptz NOT NULL,
    resends       integer     NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX bookings_idempotency ON bookings (buyer_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
-- Ids are of version 7: their order is that of acceptance.
CREATE INDEX bookings_of_buyer ON bookings (buyer_id, id DESC);
-- The rows that wait for an answer are the outbox of their requests.
CREATE INDEX bookings_processing ON bookings (resend_at) WHERE status = 'processing';
CREATE INDEX bookings_pending ON bookings (expires_at) WHERE status = 'pending_payment';

-- How far each input was applied; moved in the transaction of the effects.
CREATE TABLE input_offsets (
    cluster     text    NOT NULL,
    topic_id    text    NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint  NOT NULL,
    PRIMARY KEY (cluster, topic_id, partition)
);

-- Messages that are not acknowledged yet. Claimed, never read by "id greater
-- than the last". What BookingPaidSuccess says beyond this stands in the
-- booking, which is final by then.
CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message    text        NOT NULL,
    booking_id uuid        NOT NULL,
    event_id   bigint      NOT NULL,
    section    text        NOT NULL,
    seats      text[]      NOT NULL,
    hold       bigint      NOT NULL,
    reason     text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Attempts to pay.
CREATE TABLE payments (
    id         uuid PRIMARY KEY,
    booking_id uuid        NOT NULL REFERENCES bookings,
    amount     bigint      NOT NULL,
    currency   text        NOT NULL,
    status     text        NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    due_at     timestamptz NOT NULL DEFAULT now(), -- when the worker takes it
    tries      integer     NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE INDEX payments_of_booking ON payments (booking_id);
CREATE INDEX payments_open ON payments (status, due_at) WHERE status IN ('started', 'authorised', 'capture_due', 'void_due');

-- +goose Down
DROP TABLE payments, outbox, input_offsets, bookings;
