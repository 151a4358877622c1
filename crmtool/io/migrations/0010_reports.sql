-- What reports count deals by.
CREATE INDEX deal_opened ON deal (opened_on) WHERE opened_on IS NOT NULL;
CREATE INDEX deal_closed ON deal (closed_on, stage, currency, owner, amount) WHERE closed_on IS NOT NULL;
CREATE INDEX deal_standing ON deal (stage, currency, amount);
