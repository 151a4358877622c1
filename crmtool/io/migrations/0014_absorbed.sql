-- Contacts that are part of another: few, and asked for by filters, reports and names of merged companies.
CREATE INDEX contact_absorbed ON contact (id, root_id) WHERE root_id <> id;
