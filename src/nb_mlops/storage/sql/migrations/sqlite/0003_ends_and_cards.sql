-- When a model ended, so that its bytes can end, too; and what the card said when somebody signed.
ALTER TABLE models ADD COLUMN ended_at TEXT;
ALTER TABLE votes ADD COLUMN card TEXT;
