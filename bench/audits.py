"""How long the full audit of a million contacts with six million facts about their fields takes, and how large it is.

The tables are filled by SQL: contacts with six checked fields, one verification of each (nine in ten confirmed, over
the last four hundred days), records, deals, interactions and consents of some. Rows carry no valid proof: an audit
reads none.

Run as `python -m bench.audits [CONTACTS] [FOLDER]` from the folder above.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import sys
import tempfile
import time
from pathlib import Path

from crmtool.io import languages, rulebook
from crmtool.io.auditing import report
from crmtool.io.renderers import audit
from crmtool.io.store import Store, sqlite3

DAY = dt.date(2026, 11, 21)
KEY = "0" * 64
FIELDS = ("email", "phone", "job_title", "address", "tax_id", "company")
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
_CONTACT = """INSERT INTO contact (id, root_id, kind, name, given_name, family_name, company, job_title, city, address,
    tax_id, type, stage, owner, source, region, first_contact_on, email, phone, changeset_id, proof)
SELECT i, i, 'person', 'Имя Фамилия ' || i, 'Имя', 'Фамилия ' || i, 'ООО «Ромашка ' || (i % 90000) || '»',
    'Директор ' || (i % 50), 'Москва', 'ул. Ленина, ' || i, '7700' || i, 'client', iif(i % 3, 'client', NULL),
    iif(i % 9, 'Менеджер ' || (i % 40), NULL), 'website', 'Московская область', '2026-01-0' || (1 + i % 9),
    'person' || i || '@example.com', '+7916' || (1000000 + i), 1 + i % 2, x'00' FROM n"""
_RECORD = """INSERT INTO record (contact_id, source, source_key, clean, raw, file_id, "row", changeset_id, proof)
SELECT i, 'bench', i, '{}', '{}', 1, i, 1 + i % 2, x'00' FROM n"""
_VERIFICATION = """INSERT INTO verification (contact_id, field, value, outcome, "on", "by", method, changeset_id, proof)
SELECT c.id, f.value, CASE f.value WHEN 'email' THEN c.email WHEN 'phone' THEN c.phone WHEN 'job_title' THEN c.job_title
    WHEN 'address' THEN c.address WHEN 'tax_id' THEN c.tax_id ELSE c.company END,
    iif(abs(random() % 10), 'confirmed', 'wrong'), date('2026-11-21', '-' || abs(random() % 400) || ' days'),
    'bench', 'call', 2, x'00'
FROM contact c CROSS JOIN json_each('["email","phone","job_title","address","tax_id","company"]') f"""
_OTHERS = (
    """INSERT INTO deal (contact_id, opened_on, closed_on, stage, amount, currency, source, source_key, changeset_id,
       proof)
       SELECT i * 10, '2026-0' || (1 + i % 9) || '-11', '2026-09-30', 'won', i * 10000, 'RUB', 'b', i, 2, x'00'
       FROM n""",
    """INSERT INTO interaction (contact_id, kind, at, direction, source, source_key, changeset_id, proof)
       SELECT i * 10, 'call', '2026-0' || (1 + i % 9) || '-11T10:00:00+00:00', 'in', 'b', i, 2, x'00' FROM n""",
    """INSERT INTO consent (contact_id, purpose, state, at, changeset_id, proof)
       SELECT i * 10, 'newsletter', 'given', '2026-0' || (1 + i % 9) || '-11', 2, x'00' FROM n""",
)


def filled(path: Path, contacts: int) -> None:
    """Make a store with so many contacts."""
    Store.create(path, KEY).close()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA journal_mode = OFF")
    for number, at in ((1, "2025-03-01"), (2, "2026-11-01")):
        db.execute("INSERT INTO changeset VALUES (?, ?, 'b', 'import b', 'f', '{}', NULL, 'x')",
                   [number, f"{at}T10:00:00+00:00"])  # fmt: skip
    db.execute("INSERT INTO file (id, name, source, changeset_id, proof) VALUES (1, 'b.csv', 'bench', 2, x'00')")
    every, tenth = _NUMBERS.format(count=contacts), _NUMBERS.format(count=contacts // 10)
    for statement in (_CONTACT, _RECORD):
        db.execute(statement.replace("INSERT", f"{every} INSERT", 1))
    db.execute(_VERIFICATION)
    for statement in _OTHERS:
        db.execute(statement.replace("INSERT", f"{tenth} INSERT", 1))
    db.execute("ANALYZE")
    db.close()


def main() -> None:
    """Fill a store, audit it, write the page, and tell what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("contacts", type=int, nargs="?", default=1_000_000)
    parser.add_argument("folder", type=Path, nargs="?")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = (given.folder or Path(temporary)) / f"audit-{given.contacts}.db"
        if not path.exists():
            filled(path, given.contacts)
        _measured(path)


def _measured(path: Path) -> None:
    book = rulebook.loaded(rulebook.defaults())
    more = [check.model_copy(update={"field": "company"}) for check in book.freshness.check if check.field == "tax_id"]
    regulation = book.freshness.model_copy(update={"check": (*book.freshness.check, *more)})
    rules = book.model_copy(update={"freshness": regulation})
    store = Store.open(path, KEY)
    start, used = time.perf_counter(), time.process_time()
    made = report.report(store, rules, DAY)
    took, worked = time.perf_counter() - start, time.process_time() - used
    html = audit.audit_html(made, languages.speech("ru"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{made.contacts:,} contacts, {made.line('red_values').of:,} values with a flag")
    print(
        f"audit {took:.1f} s ({worked:.1f} s of the processor), page {len(html.encode()) / 1e6:.2f} MB, {peak:.2f} GB"
    )
    store.close()
    sys.exit(not (took < 10 and peak < 2 and len(html.encode()) < 2_000_000))  # what was asked for


if __name__ == "__main__":
    main()
