-- Who was in which segment, and the indexes that filters are counted by.

CREATE TABLE segment_membership (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "segment" TEXT NOT NULL,
    "contact_id" INTEGER NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "entered_on" TEXT NOT NULL,
    "left_on" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE INDEX segment_membership_segment ON segment_membership (segment, left_on, contact_id);
CREATE INDEX segment_membership_contact ON segment_membership (contact_id, segment, entered_on);

-- What filters ask for most, by contact, so that the wide rows of contacts need not be read.
CREATE INDEX contact_facets ON contact (id, kind, type, stage, source, owner, city, region, country, first_contact_on)
    WHERE root_id = id;
CREATE INDEX contact_node ON contact (id, root_id);

-- From one occurring value straight to the next.
CREATE INDEX contact_type ON contact (type) WHERE root_id = id AND type IS NOT NULL;
CREATE INDEX contact_stage ON contact (stage) WHERE root_id = id AND stage IS NOT NULL;
CREATE INDEX contact_source ON contact (source) WHERE root_id = id AND source IS NOT NULL;
CREATE INDEX contact_owner ON contact (owner) WHERE root_id = id AND owner IS NOT NULL;
CREATE INDEX contact_city ON contact (city) WHERE root_id = id AND city IS NOT NULL;
CREATE INDEX contact_region ON contact (region) WHERE root_id = id AND region IS NOT NULL;
CREATE INDEX contact_country ON contact (country) WHERE root_id = id AND country IS NOT NULL;
CREATE INDEX contact_tag_tag ON contact_tag (tag, contact_id);
CREATE INDEX deal_product ON deal (product, contact_id) WHERE product IS NOT NULL;
CREATE INDEX deal_sums ON deal (contact_id, stage, closed_on, opened_on, currency, amount);

DROP INDEX interaction_at;
CREATE INDEX interaction_at ON interaction (at, contact_id);
DROP INDEX channel_contact;
CREATE INDEX channel_contact ON channel (contact_id, kind);
