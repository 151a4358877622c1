-- What happened between us and a contact, what was offered and bought, and what they allowed. Moments are ISO with their
-- zone, days ISO; amounts are whole numbers of ten-thousandths, so that sums are exact in any currency.

CREATE TABLE interaction (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "contact_id" INTEGER REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "kind" TEXT NOT NULL,
    "at" TEXT NOT NULL,
    "author" TEXT,
    "channel" TEXT,
    "address" TEXT,
    "direction" TEXT CHECK (direction IN ('in', 'out')),
    "seconds" INTEGER,
    "subject" TEXT,
    "body" TEXT,
    "outcome" TEXT,
    "tags" TEXT,
    "next_step" TEXT,
    "next_on" TEXT,
    "thread" TEXT,
    "source" TEXT NOT NULL,
    "source_key" TEXT NOT NULL,
    "file_id" INTEGER REFERENCES file DEFERRABLE INITIALLY DEFERRED,
    "row" INTEGER,
    "raw" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE TABLE deal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "contact_id" INTEGER REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "title" TEXT,
    "product" TEXT,
    "amount" INTEGER,
    "currency" TEXT,
    "stage" TEXT,
    "owner" TEXT,
    "opened_on" TEXT,
    "closed_on" TEXT,
    "source" TEXT NOT NULL,
    "source_key" TEXT NOT NULL,
    "file_id" INTEGER REFERENCES file DEFERRABLE INITIALLY DEFERRED,
    "row" INTEGER,
    "raw" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE TABLE deal_stage (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "deal_id" INTEGER NOT NULL REFERENCES deal DEFERRABLE INITIALLY DEFERRED,
    "stage" TEXT NOT NULL,
    "on" TEXT NOT NULL,
    "by" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE TABLE consent (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "contact_id" INTEGER NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "purpose" TEXT NOT NULL,
    "channel" TEXT,
    "address" TEXT,
    "state" TEXT NOT NULL CHECK (state IN ('given', 'withdrawn', 'expired', 'unknown')),
    "at" TEXT NOT NULL,
    "until" TEXT,
    "source" TEXT,
    "text_version" TEXT,
    "evidence" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE INDEX interaction_contact ON interaction (contact_id, at);
CREATE INDEX interaction_at ON interaction (at);
CREATE UNIQUE INDEX interaction_key ON interaction (source, source_key);
CREATE INDEX interaction_file ON interaction (file_id);
CREATE INDEX deal_contact ON deal (contact_id, closed_on);
CREATE UNIQUE INDEX deal_key ON deal (source, source_key);
CREATE INDEX deal_file ON deal (file_id);
CREATE INDEX deal_stage_deal ON deal_stage (deal_id, "on");
CREATE INDEX consent_contact ON consent (contact_id, purpose, at);
