-- The store as it began. A released migration is never edited: a change of the tables is a new file beside this one.
-- Every row has the id of the change set that last wrote it and a proof, the keyed hash of its content.

CREATE TABLE file (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "name" TEXT,
    "sha256" TEXT,
    "source" TEXT,
    "mapping" TEXT,
    "encoding" TEXT,
    "columns" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE TABLE contact (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "root_id" INTEGER NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "kind" TEXT CHECK (kind IN ('person', 'company')),
    "name" TEXT,
    "prefix" TEXT,
    "given_name" TEXT,
    "middle_name" TEXT,
    "family_name" TEXT,
    "suffix" TEXT,
    "gender" TEXT,
    "birthday" TEXT,
    "company" TEXT,
    "job_title" TEXT,
    "country" TEXT,
    "region" TEXT,
    "city" TEXT,
    "postcode" TEXT,
    "address" TEXT,
    "tax_id" TEXT,
    "type" TEXT,
    "stage" TEXT,
    "owner" TEXT,
    "source" TEXT,
    "first_contact_on" TEXT,
    "note" TEXT,
    "email" TEXT,
    "phone" TEXT,
    "custom" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE TABLE record (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "contact_id" INTEGER NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "source" TEXT NOT NULL,
    "source_key" TEXT NOT NULL,
    "file_id" INTEGER REFERENCES file DEFERRABLE INITIALLY DEFERRED,
    "row" INTEGER,
    "raw" TEXT,
    "clean" TEXT NOT NULL,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE TABLE channel (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "contact_id" INTEGER NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "kind" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "label" TEXT,
    "extension" TEXT,
    "type" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE TABLE contact_tag (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "contact_id" INTEGER NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "tag" TEXT NOT NULL,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE TABLE verdict (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "left_id" INTEGER NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "right_id" INTEGER NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "decision" TEXT NOT NULL CHECK (decision IN ('same', 'different', 'unsure')),
    "by" TEXT,
    "reason" TEXT,
    "retracted_in" INTEGER,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE TABLE verification (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "contact_id" INTEGER NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "field" TEXT,
    "value" TEXT,
    "outcome" TEXT NOT NULL CHECK (outcome IN ('confirmed', 'wrong', 'unreachable')),
    "on" TEXT,
    "by" TEXT,
    "method" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE TABLE reject (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "file_id" INTEGER REFERENCES file DEFERRABLE INITIALLY DEFERRED,
    "row" INTEGER,
    "raw" TEXT,
    "reasons" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE changeset (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,       -- ISO moment, UTC
    actor TEXT NOT NULL,
    command TEXT NOT NULL,
    rules TEXT NOT NULL,    -- fingerprint of the rules in force
    facts TEXT NOT NULL,    -- JSON object
    undoes INTEGER REFERENCES changeset,
    digest TEXT NOT NULL    -- chains over the one before and the proofs of all changes
) STRICT;

CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    tbl TEXT NOT NULL,
    op TEXT NOT NULL CHECK (op IN ('create', 'update', 'remove')),
    row_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,  -- created rows are logged as a range of ids
    before TEXT,               -- JSON: touched fields of an update, the whole of a removed row
    after TEXT,                -- JSON: touched fields of an update
    before_proof BLOB,
    after_proof BLOB,
    proof BLOB NOT NULL
) STRICT;

CREATE INDEX contact_root ON contact (root_id);
CREATE INDEX contact_email ON contact (email);
CREATE INDEX record_contact ON record (contact_id);
CREATE INDEX record_file ON record (file_id);
CREATE INDEX channel_value ON channel (kind, value);
CREATE INDEX channel_contact ON channel (contact_id);
CREATE INDEX contact_tag_contact ON contact_tag (contact_id, tag);
CREATE INDEX verdict_left ON verdict (left_id);
CREATE INDEX verdict_right ON verdict (right_id);
CREATE INDEX verification_contact ON verification (contact_id);
CREATE INDEX reject_file ON reject (file_id);
CREATE INDEX change_changeset ON change (changeset_id);
CREATE INDEX change_row ON change (tbl, row_id);
CREATE UNIQUE INDEX record_key ON record (source, source_key);

CREATE VIEW contacts AS
    SELECT id, kind, name, company, job_title, email, phone, country, city, owner, type, stage, source, birthday,
           (SELECT group_concat(DISTINCT t.tag) FROM contact_tag t JOIN contact n ON n.id = t.contact_id
            WHERE n.root_id = c.id) AS tags
    FROM contact c WHERE root_id = id;

CREATE VIEW review AS
    SELECT v.id, l.root_id AS left_id, r.root_id AS right_id, v.reason
    FROM verdict v JOIN contact l ON l.id = v.left_id JOIN contact r ON r.id = v.right_id
    WHERE v.decision = 'unsure' AND v.retracted_in IS NULL AND l.root_id <> r.root_id
    AND (min(l.root_id, r.root_id), max(l.root_id, r.root_id)) NOT IN (
        SELECT min(a.root_id, b.root_id), max(a.root_id, b.root_id)
        FROM verdict d JOIN contact a ON a.id = d.left_id JOIN contact b ON b.id = d.right_id
        WHERE d.decision = 'different' AND d.retracted_in IS NULL);
