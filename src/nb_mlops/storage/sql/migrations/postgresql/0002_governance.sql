-- Governance: policies, wishes, break glass, findings, card texts, notes, uses, named data; and what older rows gained.
ALTER TABLE models ADD COLUMN assessment TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE models ADD COLUMN state TEXT COLLATE "C" NOT NULL DEFAULT 'live';
ALTER TABLE models ADD COLUMN stakes_since BIGINT NOT NULL DEFAULT 1;
ALTER TABLE models ADD COLUMN stakes_floor TEXT COLLATE "C" NOT NULL DEFAULT 'low';
ALTER TABLE versions ADD COLUMN author TEXT COLLATE "C";
ALTER TABLE versions ADD COLUMN ended_at TEXT COLLATE "C";
ALTER TABLE versions ADD COLUMN erased TEXT COLLATE "C" NOT NULL DEFAULT '[]';
ALTER TABLE moves ADD COLUMN stakes TEXT COLLATE "C" NOT NULL DEFAULT 'low';
ALTER TABLE moves ADD COLUMN approved BIGINT NOT NULL DEFAULT 0;
ALTER TABLE moves ADD COLUMN glass TEXT COLLATE "C";
ALTER TABLE validations ADD COLUMN code TEXT COLLATE "C";
ALTER TABLE validations ADD COLUMN claimed_ci TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE validations ADD COLUMN importance TEXT COLLATE "C" NOT NULL DEFAULT '{}';

CREATE TABLE stakes_wishes (
    model TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    wanted TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (model, sequence)
);

CREATE TABLE glasses (
    model TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    alias TEXT COLLATE "C" NOT NULL,
    ticket TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    expires_at TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    reviewed_by TEXT COLLATE "C",
    reviewed_at TEXT COLLATE "C",
    review TEXT COLLATE "C",
    PRIMARY KEY (model, sequence)
);

CREATE TABLE findings (
    model TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    severity TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C",
    owner TEXT COLLATE "C",
    due TEXT COLLATE "C",
    actor TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    closed_by TEXT COLLATE "C",
    closed_at TEXT COLLATE "C",
    answer TEXT COLLATE "C",
    PRIMARY KEY (model, sequence)
);

CREATE TABLE card_texts (
    model TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    section TEXT COLLATE "C" NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    filled BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C",
    PRIMARY KEY (model, number, section)
);

CREATE TABLE notes (
    model TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C",
    PRIMARY KEY (model, sequence)
);

CREATE TABLE uses (
    model TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    first_at TEXT COLLATE "C" NOT NULL,
    last_at TEXT COLLATE "C" NOT NULL,
    path TEXT COLLATE "C",
    PRIMARY KEY (model, number, place, actor)
);

CREATE TABLE policies (
    sequence BIGINT PRIMARY KEY,
    event TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    policy TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C"
);

CREATE TABLE policy_wishes (
    sequence BIGINT PRIMARY KEY,
    event TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL
);

CREATE TABLE data_names (
    name TEXT COLLATE "C" PRIMARY KEY,
    event TEXT COLLATE "C" NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    rows BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C"
);
