-- When a model ended, so that its bytes can end, too; and what the card said when somebody signed.
ALTER TABLE models ADD COLUMN ended_at TEXT COLLATE "C";
ALTER TABLE votes ADD COLUMN card TEXT COLLATE "C";

-- Names are bound: an event holds a digest of each name with this salt; all spellings of a name fold into one.
ALTER TABLE actors ADD COLUMN salt BYTEA; -- NULL before an event binds the name, and once it was erased
ALTER TABLE actors ADD COLUMN folded TEXT COLLATE "C"; -- what all spellings of the name have in common
CREATE INDEX actors_by_folded ON actors (folded);
CREATE INDEX actors_unbound ON actors (id) WHERE salt IS NULL;
