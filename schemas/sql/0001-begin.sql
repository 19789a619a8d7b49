-- SPDX-FileCopyrightText: 2026 The Posthorn developers
-- SPDX-License-Identifier: EUPL-1.2
-- The first schema; what each table is for stands in docs/store.md. One text for both engines:
-- the words between at signs are in runtime/store/sql.c. A file that was released never changes.

CREATE TABLE message (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    attributes TEXT NOT NULL,
    created_ms @INTEGER@ NOT NULL,
    changed_ms @INTEGER@ NOT NULL,
    due_ms @INTEGER@ NOT NULL,
    leased_until_ms @INTEGER@ NOT NULL,
    owner TEXT NOT NULL,
    lease TEXT NOT NULL,
    claims_without_outcome @INTEGER@ NOT NULL,
    attempts @INTEGER@ NOT NULL,
    last_why TEXT NOT NULL,
    parked_from TEXT NOT NULL
) @STRICT@;
CREATE INDEX message_by_due ON message (state, due_ms);
CREATE INDEX message_by_mailbox ON message (mailbox, created_ms);
CREATE INDEX message_by_created ON message (created_ms);

CREATE TABLE name (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    message TEXT NOT NULL,
    expires_ms @INTEGER@ NOT NULL,
    PRIMARY KEY (scope, name)
) @STRICT_BY_KEY@;
CREATE INDEX name_by_message ON name (message);
CREATE INDEX name_by_expiry ON name (expires_ms) WHERE expires_ms <> 0;

-- content: the octets where they are few, else empty and the file (SQLite) or the chunks
-- (PostgreSQL) bear the id. wrapped_key is empty where the payload is open.
CREATE TABLE payload (
    id TEXT NOT NULL,
    message TEXT NOT NULL,
    slot TEXT NOT NULL,
    media_type TEXT NOT NULL,
    octets @INTEGER@ NOT NULL,
    sha256 @OCTETS@ NOT NULL,
    is_open @INTEGER@ NOT NULL,
    is_large @INTEGER@ NOT NULL,
    wrapped_key @OCTETS@ NOT NULL,
    content @OCTETS@ NOT NULL,
    created_ms @INTEGER@ NOT NULL,
    UNIQUE (message, slot)
) @STRICT@;
CREATE UNIQUE INDEX payload_by_id ON payload (id) WHERE is_large = 1;

CREATE TABLE payload_chunk (
    payload TEXT NOT NULL,
    place @INTEGER@ NOT NULL,
    content @OCTETS@ NOT NULL,
    created_ms @INTEGER@ NOT NULL,
    PRIMARY KEY (payload, place)
) @STRICT@;

CREATE TABLE event (
    seq @INTEGER@ NOT NULL PRIMARY KEY,
    time_ms @INTEGER@ NOT NULL,
    message TEXT NOT NULL,
    actor TEXT NOT NULL,
    what TEXT NOT NULL,
    why TEXT NOT NULL,
    hash @OCTETS@ NOT NULL
) @STRICT@;
CREATE INDEX event_by_message ON event (message, seq);

-- The end of the chain, one row: who appends locks it.
CREATE TABLE event_head (
    id @INTEGER@ NOT NULL PRIMARY KEY,
    seq @INTEGER@ NOT NULL,
    hash @OCTETS@ NOT NULL
) @STRICT@;

INSERT INTO event_head (id, seq, hash) VALUES (1, 0, @ZERO_HASH@);

-- PostgreSQL: who leases, each with the number of an advisory lock it holds while it lives.
CREATE TABLE presence (
    owner TEXT NOT NULL PRIMARY KEY,
    number @INTEGER@ NOT NULL
) @STRICT@;

CREATE TABLE cached (
    key TEXT NOT NULL PRIMARY KEY,
    value @OCTETS@ NOT NULL,
    status @INTEGER@ NOT NULL,
    fetched_ms @INTEGER@ NOT NULL,
    fresh_until_ms @INTEGER@ NOT NULL
) @STRICT@;
