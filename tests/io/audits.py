"""An audit to show: every reason, names in three languages and one hostile, owners whose names Excel would not take."""

import datetime as dt

from crmtool.core.audits.quarters import quarter_of
from crmtool.core.audits.report import LABELS, Line, Part, Report, Table, Work
from crmtool.core.freshness_rules import Check, Freshness, Override

HOSTILE = "<script>alert('x')</script>\u202egnp.exe\x1b[2J\u200b\x00|`*"
RULES = Freshness(
    check=(
        Check(field="phone", owner="personal manager", every_months=3, how="call"),
        Check(field="email", owner="personal manager", every_months=3, how="test letter", required=False),
        Check(field="job_title", owner="account manager", after=("deal opened", "ticket"), how="correspondence",
              grace_days=1, within_days=1),
        Check(field="address", owner="<b>me</b>", every_months=1, how="\u202ecall",
              override=(Override(segment="vip", every_months=2),)),
    )
)  # fmt: skip
KEYS = ("contact_id", "name", "owner", "field", "value", "flag", "reason", "due_on", "verified_on", "checker", "how")


def task(contact, name, owner, field, value, flag, reason, due, verified=None, how="call"):
    days = [dt.date.fromisoformat(text) if text else None for text in (due, verified)]
    return dict(
        zip(KEYS, (contact, name, owner, field, value, flag, reason, *days, "personal manager", how), strict=True)
    )


TASKS = (
    task(2, "Пётр Ёлкин", "Іван Франко", "phone", "+79161234567", "red", "overdue", "2026-10-31", "2026-07-31"),
    task(3, "Ann O'Neil & Sons", 'Mary "M" <Smith>', "email", "ann@example.org", "red", "found wrong", "2026-11-15"),
    task(4, HOSTILE, None, "phone", "+442071234567", "red", "unreachable", "2026-11-16"),
    task(4, HOSTILE, None, "job_title", "x" * 300, "red", "never verified", None),
    task(6, "=1+1", "іван франко", "phone", "=cmd|' /C calc'!A0", "red", "never verified", "2026-11-20"),
)
SOON = (
    task(
        1, "Олена Коваль", "Іван Франко", "email", "olena@example.com", "yellow", "due soon", "2026-12-01", "2026-09-01"
    ),
    task(5, None, None, "phone", "+380501112233", "yellow", "new", "2026-12-20"),
    task(7, "شركة النور", "a/b:[c]", "job_title", "мать", "yellow", "after an event", "2026-12-05", "2026-11-01"),
)


def example(day=dt.date(2026, 11, 21), **more):
    counts = {code: number for number, code in enumerate(LABELS)} | {"red": 1234567, "yellow": 2, "green": 21}
    commands = {"red": "crmtool audit due", "no_owner": 'crmtool contacts list --segment "owner is empty"'}
    lines = tuple(
        Line(code, count, of=2_000_000 if code in {"red", "no_owner"} else 0 if code == "consent" else None,
             command=commands.get(code, ""), change={"red": 12, "green": -3, "merged": 0}.get(code))
        for code, count in counts.items()
    )  # fmt: skip
    parts = (Part("freshness", 21.5, 62, 35), Part("completeness", 0, 0, 25), Part("ownership", 999, 1000, 5))
    flagged = ("owner", "green", "yellow", "red", "total", "incomplete")
    tables = (
        Table(
            "By owner", flagged, ((HOSTILE, 1, 1, 2, 4, 0), (None, 0, 0, 3, 3, 3), ("Іван", 0, 0, 0, 0, 0)), 6170, True
        ),
        Table(
            "Required and empty", ("field", "contacts", "share", "command"), (("job_title", 5, 0.005, "crmtool x"),), 1
        ),
        Table("Tags that nobody got for long", ("tag", "contacts", "last given"), (("вебинар", 5, day),), 1),
    )
    said = {
        "as_of": day, "quarter": quarter_of(day), "revision": 17, "fingerprint": "5f1c9a03", "rules": RULES,
        "digest": "0a1b2c3d4e5f6071" * 4,
        "contacts": 1_234_590, "lines": lines, "parts": parts, "tables": tables,
        "work": (Work("red", TASKS, 12_340), Work("yellow", SOON, 3)),
        "before": {"as_of": "2026-09-30", "figures": {"score": 40.25}},
        "trend": (("2026-09-30", 40.25), (str(day), 35.6)),
    }  # fmt: skip
    return Report(**{**said, **more})
