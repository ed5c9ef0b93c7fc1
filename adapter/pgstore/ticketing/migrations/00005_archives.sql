-- +goose Up
-- Where the archives of events are. See package usecase/archive.
CREATE TABLE archives (
    event_id    bigint PRIMARY KEY REFERENCES events,
    archived_at timestamptz NOT NULL,
    file        text        NOT NULL, -- its name, without a directory
    sha256      text        NOT NULL,
    bytes       bigint      NOT NULL,
    removed_at  timestamptz -- null: topics may be left
);
CREATE INDEX archives_pending ON archives (event_id) WHERE removed_at IS NULL;
CREATE INDEX events_archiving ON events (id) WHERE status = 'archiving';

-- +goose Down
DROP INDEX events_archiving;
DROP TABLE archives;
