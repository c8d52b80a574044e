-- Governance: policies, wishes, break glass, findings, card texts, notes, uses, named data; and what older rows gained.
ALTER TABLE models ADD COLUMN assessment TEXT NOT NULL DEFAULT '{}';
ALTER TABLE models ADD COLUMN state TEXT NOT NULL DEFAULT 'live';
ALTER TABLE models ADD COLUMN stakes_since INTEGER NOT NULL DEFAULT 1;
ALTER TABLE models ADD COLUMN stakes_floor TEXT NOT NULL DEFAULT 'low';
ALTER TABLE versions ADD COLUMN author TEXT;
ALTER TABLE versions ADD COLUMN ended_at TEXT;
ALTER TABLE versions ADD COLUMN erased TEXT NOT NULL DEFAULT '[]';
ALTER TABLE moves ADD COLUMN stakes TEXT NOT NULL DEFAULT 'low';
ALTER TABLE moves ADD COLUMN approved INTEGER NOT NULL DEFAULT 0;
ALTER TABLE moves ADD COLUMN glass TEXT;
ALTER TABLE validations ADD COLUMN code TEXT;
ALTER TABLE validations ADD COLUMN claimed_ci TEXT NOT NULL DEFAULT '{}';
ALTER TABLE validations ADD COLUMN importance TEXT NOT NULL DEFAULT '{}';

CREATE TABLE stakes_wishes (
    model TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    event TEXT NOT NULL,
    wanted TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (model, sequence)
);

CREATE TABLE glasses (
    model TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    event TEXT NOT NULL,
    number INTEGER NOT NULL,
    alias TEXT NOT NULL,
    ticket TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    reason TEXT,
    reviewed_by TEXT,
    reviewed_at TEXT,
    review TEXT,
    PRIMARY KEY (model, sequence)
);

CREATE TABLE findings (
    model TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    event TEXT NOT NULL,
    number INTEGER NOT NULL,
    severity TEXT NOT NULL,
    title TEXT,
    owner TEXT,
    due TEXT,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    closed_by TEXT,
    closed_at TEXT,
    answer TEXT,
    PRIMARY KEY (model, sequence)
);

CREATE TABLE card_texts (
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    section TEXT NOT NULL,
    event TEXT NOT NULL,
    filled INTEGER NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    text TEXT,
    PRIMARY KEY (model, number, section)
);

CREATE TABLE notes (
    model TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    event TEXT NOT NULL,
    number INTEGER NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    text TEXT,
    PRIMARY KEY (model, sequence)
);

CREATE TABLE uses (
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    place TEXT NOT NULL,
    actor TEXT NOT NULL,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    path TEXT,
    PRIMARY KEY (model, number, place, actor)
);

CREATE TABLE policies (
    sequence INTEGER PRIMARY KEY,
    event TEXT NOT NULL,
    digest TEXT NOT NULL,
    policy TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    reason TEXT
);

CREATE TABLE policy_wishes (
    sequence INTEGER PRIMARY KEY,
    event TEXT NOT NULL,
    digest TEXT NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL
);

CREATE TABLE data_names (
    name TEXT PRIMARY KEY,
    event TEXT NOT NULL,
    data TEXT NOT NULL,
    rows INTEGER NOT NULL,
    actor TEXT NOT NULL,
    at TEXT NOT NULL,
    about TEXT
);
