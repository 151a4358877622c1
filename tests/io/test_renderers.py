"""The audit page: a golden file, hostile names, cut lists, contrast, and that it asks nothing of anybody."""

import datetime as dt
import os
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest

from crmtool.core.audits import flags as audits
from crmtool.core.freshness_rules import Check, Freshness
from crmtool.io.renderers import audit

GOLDEN = Path(__file__).parent / "golden" / "audit.html"
TODAY = dt.date(2026, 11, 21)
RULES = Freshness(
    check=(
        Check(field="phone", owner="personal manager", every_months=3, how="call"),
        Check(field="email", owner="personal manager", every_months=3, how="test letter"),
        Check(field="job_title", owner="account manager", every_months=1, how="correspondence", grace_days=1),
    )
)
HOSTILE = "<script>alert('x')</script>\u202egnp.exe\x1b[2J\u200b\x00"


def flags(*people, events=(), came="2026-11-01"):
    """Return the flags of people given as (name, owner, phone, email, job title), verified as `events` say."""
    names = ["name", "owner", "phone", "email", "job_title"]
    contacts = pl.DataFrame(people, schema=dict.fromkeys(names, pl.String), orient="row").with_row_index("id", 1)
    seen = contacts.select(pl.col("id").cast(pl.Int64).alias("contact_id"), on=pl.lit(came))
    known = ["contact_id", "field", "value", "outcome", "on"]
    schema = {name: pl.Int64 if name == "contact_id" else pl.String for name in known}
    said = pl.DataFrame(list(events), schema=schema, orient="row")
    return audits.flags(contacts.with_columns(pl.col("id").cast(pl.Int64)), said, seen, RULES, TODAY)


def page(frame, **more):
    facts = {"title": "Freshness of the base", "as_of": TODAY, "revision": 17, "fingerprint": "5f1c9a03", "contacts": 6}
    return audit.audit_html(frame, **{**facts, "rules": RULES, **more})


def example():
    """Return a small base with every reason, names in three languages and one hostile."""
    return flags(
        ("Олена Коваль", "Іван Франко", "+380671234567", "olena@example.com", "директорка"),
        ("Пётр Ёлкин", "Іван Франко", "+79161234567", None, "бухгалтер"),
        ("Ann O'Neil & Sons", 'Mary "M" <Smith>', None, "ann@example.org", None),
        (HOSTILE, None, "+442071234567", None, "x" * 300),
        (None, None, "+380501112233", "office@example.net", None),
        ("شركة النور", 'Mary "M" <Smith>', None, "info@example.com", None),
        events=[
            (1, "phone", "+380671234567", "confirmed", "2026-11-02"),
            (1, "email", "olena@example.com", "confirmed", "2026-09-01"),
            (2, "phone", "+79161234567", "confirmed", "2026-07-31"),
            (3, "email", "ann@example.org", "wrong", "2026-11-15"),
            (4, "phone", "+442071234567", "unreachable", "2026-11-16"),
            (5, "email", "office@example.net", "confirmed", "2026-11-20"),
        ],
    )


def test_the_page_is_as_agreed():
    html = page(example())
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(html, encoding="utf-8")
    assert html == GOLDEN.read_text(encoding="utf-8")
    assert {"verified", "due soon", "overdue", "new", "never verified", "found wrong", "unreachable"} == set(
        example()["reason"]
    )


class Outline(HTMLParser):
    """What a page is made of: its tags with attributes, its headings, whether every tag is closed in order."""

    VOID = frozenset({"meta", "rect", "link", "br", "img", "input"})

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.closed_in_order = [], [], True
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self.closed_in_order &= bool(self.open) and self.open.pop() == tag

    def named(self, *names):
        return [attrs for tag, attrs in self.tags if tag in names]


def test_the_page_asks_nothing_of_anybody():
    html = page(example())
    outline = Outline(html)
    assert not outline.named("script", "link", "img", "iframe", "object", "embed", "form", "a", "base", "use", "image")
    assert not [name for _, attrs in outline.tags for name in attrs if name.startswith("on") or name in {"src", "href"}]
    assert set(re.findall(r"url\(([^)]*)\)", html)) == {"#hatch"}
    assert "@import" not in html
    assert "//" not in html
    policy = next(attrs["content"] for attrs in outline.named("meta") if "http-equiv" in attrs)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_the_page_can_be_read_aloud():
    html = page(example())
    outline = Outline(html)
    assert outline.closed_in_order
    assert outline.open == []
    assert outline.named("html") == [{"lang": "en"}]
    assert "<title>Freshness of the base, 2026-11-21</title>" in html
    assert [tag for tag, _ in outline.tags if re.fullmatch(r"h\d", tag)] == ["h1", "h2", "h2", "h2", "h2", "h2"]
    assert html.count("<caption>") == html.count("<table")
    assert all("scope" in attrs for attrs in outline.named("th"))
    identities = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(identities) == len(set(identities))
    assert {attrs["aria-labelledby"] for attrs in outline.named("section")} <= set(identities)
    for shape, word in (("●", "green"), ("◐", "yellow"), ("■", "red")):
        assert f'<span class="flag {word}"><span aria-hidden="true">{shape}</span> {word}</span>' in html


@pytest.mark.parametrize("place", ["name", "owner", "value", "title"])
def test_hostile_text_is_inert_and_visible(place):
    frame = flags(("Ann", "Bob", "+1", None, None))
    html = page(frame, title=HOSTILE) if place == "title" else page(frame.with_columns(pl.lit(HOSTILE).alias(place)))
    assert "<script" not in html
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;⟨U+202E⟩gnp.exe⟨U+001B⟩[2J⟨U+200B⟩⟨U+0000⟩" in html
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", html)


def test_rules_are_inert_too():
    rules = Freshness(check=(Check(field="phone", owner="<b>me</b>", every_months=1, how="\u202ecall"),))
    html = page(flags(("Ann", None, "+1", None, None)), rules=rules)
    assert "<b>" not in html
    assert "⟨U+202E⟩call" in html


def many(count):
    frame = flags(("Ann", "Bob", "+1", None, None), came="2020-01-01")
    rows = pl.DataFrame({"contact_id": range(count)}).with_columns(owner=pl.format("o{}", pl.col("contact_id") // 2))
    return frame.drop("contact_id", "owner").join(rows, how="cross").select(*audits.SCHEMA)


def test_long_lists_are_cut_and_say_so():
    html = page(many(12_340), contacts=12_340)
    assert "First 500 of 12,340; all of them: <code>crmtool audit --json</code>." in html
    assert "first 50 of 6,170, most red first; all of them: <code>crmtool audit --json</code>." in html
    assert html.count('<tr role="row">\n  <th scope="row"') == 500 + len(RULES.check)
    assert "12,340 values of 12,340 contacts" in html


def test_a_list_that_fits_is_whole():
    html = page(many(500))
    assert "500 values. Longest due first." in html
    assert "First " not in html
    assert page(many(1)).count("1 value. Longest due first.") == 1


def test_a_large_base_makes_a_light_page():
    wide = many(100_000).with_columns(name=pl.lit("й" * 5_000), value=pl.lit("<" * 5_000), owner=pl.lit("ї" * 5_000))
    assert len(page(wide).encode()) < 2_000_000


def test_an_empty_base_has_a_page():
    html = page(flags(), contacts=0)
    assert "0 values of 0 contacts" in html
    assert "Nothing is red." in html
    assert "Nothing is yellow." in html


@pytest.mark.parametrize(
    ("counts", "bar"),
    [
        ((1, 1, 2), [("green", "0.00%", "25.00%"), ("yellow", "25.00%", "25.00%"), ("red", "50.00%", "50.00%")]),
        ((0, 0, 3), [("red", "0.00%", "100.00%")]),
        ((0, 0, 0), []),
    ],
)
def test_a_bar_shows_the_shares(counts, bar):
    row = dict(zip(audits.FLAGS, counts, strict=True)) | {"total": sum(counts)}
    assert audit.parts(row) == bar


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(999, 1000, "99 %"), (1, 1000, "<1 %"), (0, 9, "0 %"), (9, 9, "100 %"), (0, 0, "—"), (1, 100, "1 %")],
)
def test_a_share_never_claims_all_or_nothing(part, whole, said):
    assert audit.share(part, whole) == said


def luminance(colour):
    """Return the relative luminance of #rrggbb (WCAG 2.2, "relative luminance")."""
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palettes():
    style = files("crmtool.io.renderers").joinpath("templates/audit.html.j2").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in blocks]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_in_both_schemes(scheme):
    colours = palettes()[scheme]
    for ink in ("ink", "soft", "green", "yellow", "red"):
        for ground in ("page", "panel"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    for shape in ("green-bar", "red-bar"):
        assert contrast(colours[shape], colours["page"]) >= 3, shape
    assert contrast(colours["hatch"], colours["yellow-bar"]) >= 3
    assert max(contrast(colours[c], colours["page"]) for c in ("hatch", "yellow-bar")) >= 3
