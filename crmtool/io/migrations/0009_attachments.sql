-- Files that belong to an interaction, a deal or a contact: what they are, never what is in them. And what waits: an
-- interaction of nobody known, until a person says whose it is, or that nobody wants to know.

CREATE TABLE attachment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "interaction_id" INTEGER REFERENCES interaction DEFERRABLE INITIALLY DEFERRED,
    "deal_id" INTEGER REFERENCES deal DEFERRABLE INITIALLY DEFERRED,
    "contact_id" INTEGER REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "name" TEXT NOT NULL,
    "type" TEXT,
    "size" INTEGER,
    "sha256" TEXT,
    "path" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE INDEX attachment_interaction ON attachment (interaction_id);
CREATE INDEX attachment_deal ON attachment (deal_id);
CREATE INDEX attachment_contact ON attachment (contact_id);

ALTER TABLE interaction ADD COLUMN "ignored" INTEGER;
CREATE INDEX interaction_address ON interaction (address, contact_id) WHERE address IS NOT NULL;
CREATE INDEX interaction_next ON interaction (next_on) WHERE next_on IS NOT NULL;
