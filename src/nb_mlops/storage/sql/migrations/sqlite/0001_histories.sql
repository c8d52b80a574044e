-- Histories as exact bytes, and the rows that queries read. Never edited once released: the next change is 0002.

CREATE TABLE migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at TEXT NOT NULL
);

CREATE TABLE events (
    position INTEGER PRIMARY KEY, -- registry-wide, dense, in commit order
    history TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL,
    draft TEXT NOT NULL, -- digest of the draft: the same id again must bring the same
    data BLOB NOT NULL, -- the canonical bytes that are hashed
    UNIQUE (history, sequence)
);

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;

CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are never deleted');
END;

CREATE TABLE actors (
    id TEXT PRIMARY KEY,
    name TEXT UNIQUE, -- NULL once erased
    source TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE texts (
    digest TEXT PRIMARY KEY,
    salt BLOB NOT NULL,
    text BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE models (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    stakes TEXT NOT NULL,
    stakes_by TEXT NOT NULL,
    stakes_at TEXT NOT NULL,
    owner TEXT,
    purpose TEXT,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    latest INTEGER NOT NULL
);
CREATE INDEX models_by_name ON models (name);

CREATE TABLE versions (
    position INTEGER PRIMARY KEY, -- of the event that registered it: newest first over all models
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    event TEXT NOT NULL,
    created_at TEXT NOT NULL,
    actor TEXT NOT NULL,
    digest TEXT NOT NULL,
    identity TEXT NOT NULL,
    format TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    files TEXT NOT NULL,
    record TEXT NOT NULL,
    baseline TEXT,
    examples TEXT,
    trained_on TEXT NOT NULL,
    metrics TEXT NOT NULL,
    params TEXT NOT NULL,
    tags TEXT NOT NULL,
    runs_code INTEGER NOT NULL,
    parent INTEGER,
    state TEXT NOT NULL,
    UNIQUE (model, number)
);
CREATE INDEX versions_by_actor ON versions (model, actor, number);
CREATE INDEX versions_by_digest ON versions (digest);

CREATE TABLE facets ( -- metrics and tags of versions, to search and sort by; made from `versions`
    position INTEGER NOT NULL,
    name BLOB NOT NULL, -- 'metrics.roc_auc', 'tags.team'; cut at 500 bytes
    value BLOB NOT NULL, -- bytes that sort as the values do; cut at 500 bytes
    PRIMARY KEY (position, name)
) WITHOUT ROWID;
CREATE INDEX facets_by_value ON facets (name, value, position);

CREATE TABLE alias_names (
    name TEXT PRIMARY KEY,
    created_at TEXT NOT NULL,
    actor TEXT NOT NULL
);

CREATE TABLE aliases (
    model TEXT NOT NULL,
    alias TEXT NOT NULL,
    number INTEGER NOT NULL,
    moved_at TEXT NOT NULL,
    actor TEXT NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (model, alias)
);

CREATE TABLE moves (
    model TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    event TEXT NOT NULL,
    alias TEXT NOT NULL,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    previous INTEGER,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (model, sequence)
);
CREATE INDEX moves_by_alias ON moves (model, alias);

CREATE TABLE validations (
    model TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    event TEXT NOT NULL,
    number INTEGER NOT NULL,
    digest TEXT NOT NULL,
    passed INTEGER NOT NULL,
    data TEXT NOT NULL,
    data_name TEXT,
    rows INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    results TEXT NOT NULL,
    metrics TEXT NOT NULL,
    PRIMARY KEY (model, sequence)
);
CREATE INDEX validations_by_number ON validations (model, number);

CREATE TABLE votes (
    model TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    event TEXT NOT NULL,
    number INTEGER NOT NULL,
    alias TEXT NOT NULL,
    verdict TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    digest TEXT NOT NULL,
    evidence TEXT,
    requirements TEXT NOT NULL,
    comment TEXT,
    PRIMARY KEY (model, sequence)
);
CREATE INDEX votes_by_alias ON votes (model, number, alias);

CREATE TABLE windows (
    model TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    event TEXT NOT NULL,
    number INTEGER NOT NULL,
    look INTEGER NOT NULL,
    data TEXT NOT NULL,
    rows INTEGER NOT NULL,
    alarm INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (model, sequence)
);
CREATE INDEX windows_by_number ON windows (model, number);
