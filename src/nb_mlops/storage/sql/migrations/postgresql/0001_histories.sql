-- Histories as exact bytes, and the rows that queries read. Never edited once released: the next change is 0002.

CREATE TABLE migrations (
    number BIGINT PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    applied_at TEXT COLLATE "C" NOT NULL
);

CREATE TABLE events (
    position BIGINT PRIMARY KEY, -- registry-wide, dense, in commit order
    history TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    hash TEXT COLLATE "C" NOT NULL,
    draft TEXT COLLATE "C" NOT NULL, -- digest of the draft: the same id again must bring the same
    data BYTEA NOT NULL, -- the canonical bytes that are hashed
    UNIQUE (history, sequence)
);

CREATE FUNCTION events_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are never changed or deleted';
END
$$;

CREATE TRIGGER events_are_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION events_are_append_only();

CREATE TABLE actors (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" UNIQUE, -- NULL once erased
    source TEXT COLLATE "C" NOT NULL
);

CREATE TABLE texts (
    digest TEXT COLLATE "C" PRIMARY KEY,
    salt BYTEA NOT NULL,
    text BYTEA NOT NULL
);

CREATE TABLE models (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    stakes TEXT COLLATE "C" NOT NULL,
    stakes_by TEXT COLLATE "C" NOT NULL,
    stakes_at TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C",
    purpose TEXT COLLATE "C",
    created_at TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    latest BIGINT NOT NULL
);
CREATE INDEX models_by_name ON models (name);

CREATE TABLE versions (
    position BIGINT PRIMARY KEY, -- of the event that registered it: newest first over all models
    model TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    identity TEXT COLLATE "C" NOT NULL,
    format TEXT COLLATE "C" NOT NULL,
    size_bytes BIGINT NOT NULL,
    files TEXT COLLATE "C" NOT NULL,
    record TEXT COLLATE "C" NOT NULL,
    baseline TEXT COLLATE "C",
    examples TEXT COLLATE "C",
    trained_on TEXT COLLATE "C" NOT NULL,
    metrics TEXT COLLATE "C" NOT NULL,
    params TEXT COLLATE "C" NOT NULL,
    tags TEXT COLLATE "C" NOT NULL,
    runs_code BIGINT NOT NULL,
    parent BIGINT,
    state TEXT COLLATE "C" NOT NULL,
    UNIQUE (model, number)
);
CREATE INDEX versions_by_actor ON versions (model, actor, number);
CREATE INDEX versions_by_digest ON versions (digest);

CREATE TABLE facets ( -- metrics and tags of versions, to search and sort by; made from `versions`
    position BIGINT NOT NULL,
    name BYTEA NOT NULL, -- 'metrics.roc_auc', 'tags.team'; cut at 500 bytes
    value BYTEA NOT NULL, -- bytes that sort as the values do; cut at 500 bytes
    PRIMARY KEY (position, name)
);
CREATE INDEX facets_by_value ON facets (name, value, position);

CREATE TABLE alias_names (
    name TEXT COLLATE "C" PRIMARY KEY,
    created_at TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL
);

CREATE TABLE aliases (
    model TEXT COLLATE "C" NOT NULL,
    alias TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    moved_at TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (model, alias)
);

CREATE TABLE moves (
    model TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    alias TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    previous BIGINT,
    actor TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    PRIMARY KEY (model, sequence)
);
CREATE INDEX moves_by_alias ON moves (model, alias);

CREATE TABLE validations (
    model TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    passed BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    data_name TEXT COLLATE "C",
    rows BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    results TEXT COLLATE "C" NOT NULL,
    metrics TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (model, sequence)
);
CREATE INDEX validations_by_number ON validations (model, number);

CREATE TABLE votes (
    model TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    alias TEXT COLLATE "C" NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    evidence TEXT COLLATE "C",
    requirements TEXT COLLATE "C" NOT NULL,
    comment TEXT COLLATE "C",
    PRIMARY KEY (model, sequence)
);
CREATE INDEX votes_by_alias ON votes (model, number, alias);

CREATE TABLE windows (
    model TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    look BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    rows BIGINT NOT NULL,
    alarm BIGINT NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    report TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (model, sequence)
);
CREATE INDEX windows_by_number ON windows (model, number);
