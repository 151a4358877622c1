"""The audit in every form and language: golden files at fixed days, hostile names, what can be read aloud."""

import base64
import builtins
import datetime as dt
import hashlib
import os
import re
import time
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import openpyxl
import pytest
from audits import HOSTILE, RULES, SOON, TASKS, example

from crmtool.core.audits.report import LABELS, SECTIONS, Work
from crmtool.core.errors import UsageError
from crmtool.io import languages
from crmtool.io.auditing.report import ROWS
from crmtool.io.renderers import audit, audit_markdown, pages, pdf, worklists

GOLDEN = Path(__file__).parent / "golden"
DAY = dt.date(2026, 11, 21)
#: The ends of quarters and of summer time, beside an ordinary day.
DAYS = (DAY, dt.date(2026, 12, 31), dt.date(2027, 1, 1), dt.date(2026, 10, 25), dt.date(2028, 2, 29))
LANGUAGES = languages.LANGUAGES
STAMP = dt.datetime(2026, 11, 21, 9, 30, tzinfo=dt.UTC)


def as_agreed(text, name):
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert path.read_bytes().decode() == text


def page(language="en", **more):
    return audit.audit_html(example(**more), languages.speech(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_as_agreed(language):
    as_agreed(page(language), f"audit.{language}.html")


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_is_as_agreed(language):
    as_agreed(audit_markdown.audit_markdown(example(), languages.speech(language)), f"audit.{language}.md")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_lines_of_other_days_are_as_agreed(language):
    speech = languages.speech(language)
    texts = [audit_markdown.audit_markdown(example(day), speech) for day in DAYS]
    as_agreed("".join("\n".join(text.splitlines()[:3]) + "\n" for text in texts), f"audit-days.{language}.txt")


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_and_calendars_are_as_agreed(language):
    speech = languages.speech(language)
    tasks = [{**task, "on": task["due_on"] or DAY} for task in (*TASKS, *SOON)]
    letters = [worklists.letter(owner, own, speech, DAY) for owner, own in worklists.by_owner(tasks).items()]
    as_agreed("\n".join(letters), f"worklist.{language}.txt")
    as_agreed(worklists.calendar(tasks, speech, STAMP), f"worklist.{language}.ics")


@pytest.mark.parametrize("zone", ["Europe/Kyiv", "Pacific/Auckland", "America/New_York", "UTC"])
def test_where_it_is_made_changes_nothing(zone, monkeypatch):
    before = page()
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert page() == before
    finally:
        monkeypatch.undo()
        time.tzset()


# -- words ------------------------------------------------------------------------------------------------------------


class Listening:
    """Words that are kept as they are asked for."""

    def __init__(self):
        self.asked, self.counted = set(), set()

    def gettext(self, message):
        self.asked.add(message)
        return message

    def ngettext(self, one, many, number):
        self.counted.add((one, many))
        return many


def spoken():
    """Return every sentence that an audit says: those of all forms, and the words of all lines, flags and events."""
    from babel import Locale

    from crmtool.core import freshness_rules
    from crmtool.core.audits import freshness

    heard = Listening()
    speech = languages.Speech("en", heard, Locale.parse("en"))
    empty = example(lines=example().lines, work=(Work("red", (), 0),), before={}, trend=())
    for report in (example(), empty):
        audit.audit_html(report, speech)
        audit_markdown.audit_markdown(report, speech)
    worklists.sheets(TASKS, speech)
    worklists.letter(None, TASKS, speech, DAY)
    words = {*LABELS.values(), *SECTIONS, *freshness.FLAGS, *freshness.REASONS, *freshness_rules.EVENTS}
    regulation = files("crmtool").joinpath("../rules/freshness.toml").read_text("utf-8")
    words |= set(re.findall(r'^(?:owner|how) = "(.*)"', regulation, re.MULTILINE))
    words |= {name.replace("_", " ") for name in freshness_rules.CHECKED}
    words |= {f"By {name}" for name in ("owner", "source", "segment", "region", "field")}
    foreign = {RULES.check[3].owner, RULES.check[3].how, "vip"}
    return (heard.asked | words) - foreign, heard.counted


@pytest.mark.parametrize("language", ["ru", "uk"])
def test_a_catalogue_knows_every_sentence_in_every_form(language):
    from babel.messages.pofile import read_po

    path = files("crmtool.io") / "locales" / f"{language}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    known = {m.id: m.string for m in catalogue if m.id}
    asked, counted = spoken()
    assert {word for word in asked if not known.get(word)} == set()
    assert {pair for pair in counted if not all(known.get(pair, ("",)))} == set()
    for message, said in known.items():
        forms = said if isinstance(said, tuple) else (said,)
        marks = set(re.findall(r"%\(\w+\)s", message if isinstance(message, str) else message[0]))
        assert all(set(re.findall(r"%\(\w+\)s", form)) == marks for form in forms), message


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["1 value.", "2 values.", "5 values.", "21 values.", "1,234 values."]),
        ("ru", ["1 значение.", "2 значения.", "5 значений.", "21 значение.", "1\xa0234 значения."]),
        ("uk", ["1 значення.", "2 значення.", "5 значень.", "21 значення.", "1\xa0234 значення."]),
    ],
)
def test_numbers_of_things_take_their_form(language, said):
    speech = languages.speech(language)
    assert [speech.n("%(n)s value.", "%(n)s values.", n) for n in (1, 2, 5, 21, 1234)] == said


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(999, 1000, "99%"), (1, 1000, "<1%"), (0, 9, "0%"), (9, 9, "100%"), (0, 0, "—"), (1, 100, "1%"), (0.29, 1, "29%")],
)
def test_a_share_never_claims_all_or_nothing(part, whole, said):
    assert languages.speech("en").share(part, whole) == said


# -- the page ---------------------------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """What a page is made of: its tags with attributes, whether every tag is closed in order."""

    VOID = frozenset({"meta", "rect", "link", "br", "img", "input", "line", "polyline", "circle"})

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


def test_the_page_asks_nothing_of_anybody_and_allows_its_own_script_alone():
    html = page()
    outline = Outline(html)
    assert not outline.named("link", "img", "iframe", "object", "embed", "form", "a", "base", "use", "image")
    assert not [name for _, attrs in outline.tags for name in attrs if name.startswith("on") or name in {"src", "href"}]
    assert "url(" not in html
    assert "@import" not in html
    assert "//" not in html
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = next(attrs["content"] for attrs in outline.named("meta") if "http-equiv" in attrs)
    assert policy == f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_can_be_read_aloud(language):
    html = page(language)
    outline = Outline(html)
    assert outline.closed_in_order
    assert outline.open == []
    assert outline.named("html") == [{"lang": language}]
    assert [tag for tag, _ in outline.tags if re.fullmatch(r"h\d", tag)][:2] == ["h1", "h2"]
    assert html.count("<caption") == html.count("<table")
    assert all("scope" in attrs for attrs in outline.named("th"))
    identities = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(identities) == len(set(identities))
    assert {attrs["aria-labelledby"] for attrs in outline.named("section")} <= set(identities)
    for shape, word in (("●", "green"), ("◐", "yellow"), ("■", "red")):
        said = languages.speech(language).t(word)
        assert (
            f'<span class="flag {word}"><span aria-hidden="true">{shape}</span> <span class="word">{said}</span></span>'
            in html
        )


def test_hostile_text_is_inert_and_visible():
    html = page()
    assert html.count("<script") == 1
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;⟨U+202E⟩gnp.exe⟨U+001B⟩[2J⟨U+200B⟩⟨U+0000⟩" in html
    assert "<b>" not in html
    assert "⟨U+202E⟩call" in html
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", html)


def test_hostile_text_is_inert_in_markdown_letters_and_calendars():
    speech = languages.speech("en")
    text = audit_markdown.audit_markdown(example(), speech)
    assert r"\<script\>alert('x')\</script\>⟨U+202E⟩gnp.exe⟨U+001B⟩\[2J⟨U+200B⟩⟨U+0000⟩\|\`\*" in text
    tasks = [{**task, "on": DAY} for task in TASKS]
    evil = [{**tasks[0], "name": "a\r\nBEGIN:VALARM", "owner": "b\nATTACH:file"}]
    lines = worklists.calendar(evil, speech, STAMP).split("\r\n")
    assert not [line for line in lines if line.startswith(("BEGIN:VALARM", "ATTACH"))]
    assert all(len(line.encode()) <= 75 for line in worklists.calendar(tasks, speech, STAMP).split("\r\n"))
    assert worklists.letter("x\x1b[2J\ny", evil, speech, DAY).count("\n") == 4


def test_long_lists_are_cut_and_say_so():
    html = page()
    assert "The first 5 of 12,340." in html
    assert "The first 3 of 6,170." in html


def test_a_large_base_makes_a_light_page():
    wide = {**TASKS[0], "name": "й" * 5_000, "value": "<" * 5_000, "owner": "ї" * 5_000}
    work = tuple(Work(flag, (wide,) * ROWS, 1_000_000) for flag in ("red", "yellow"))
    assert len(page(work=work).encode()) < 2_000_000


def test_an_empty_base_has_a_page():
    from dataclasses import replace

    lines = tuple(replace(line, count=0, of=0 if line.of is not None else None) for line in example().lines)
    html = page(contacts=0, lines=lines, parts=(), tables=(), work=(Work("red", (), 0),), before={}, trend=())
    assert "0 contacts." in html
    assert "Nothing." in html


@pytest.mark.parametrize(
    ("counts", "bar"),
    [
        (
            (1, 1, 2),
            [
                ("green", "0.00%", "25.00%", "25.00%"),
                ("yellow", "25.00%", "25.00%", "50.00%"),
                ("red", "50.00%", "50.00%", "100.00%"),
            ],
        ),
        ((0, 0, 3), [("red", "0.00%", "100.00%", "100.00%")]),
        ((0, 0, 0), []),
    ],
)
def test_a_bar_shows_the_shares(counts, bar):
    assert audit.parts(counts) == bar


# -- colours ----------------------------------------------------------------------------------------------------------


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
    assert contrast(colours["dots"], colours["red-bar"]) >= 3
    assert max(contrast(colours[c], colours["page"]) for c in ("hatch", "yellow-bar")) >= 3


def test_the_flags_of_a_bar_are_told_apart_by_their_patterns_alone():
    html = audit.audit_html(example(), languages.speech("en"))
    bars = re.findall(r'<svg class="bar".*?</svg>', html, re.DOTALL)
    drawn = r'<rect class="{}"[^>]*/>(?:\s*<line [^>]*stroke-width="(\d+)" stroke-dasharray)?'
    patterns = {kind: re.findall(drawn.format(kind), bars[0])[0] for kind in ("green", "yellow", "red")}
    assert patterns == {"green": "", "yellow": "14", "red": "2"}


def test_pictures_have_the_colours_of_the_light_scheme_where_no_style_reaches_them():
    light, html = palettes()[0], page()
    told = dict(re.findall(r'<rect class="(\w+)" fill="(#\w+)"', html))
    lines = dict(re.findall(r'<line class="(\w+)" stroke="(#\w+)"', html))
    assert told == {flag: light[f"{flag}-bar"] for flag in ("green", "yellow", "red")}
    assert lines == {"yellow": light["hatch"], "red": light["dots"]}


# -- PDF --------------------------------------------------------------------------------------------------------------


def test_a_pdf_is_the_same_each_time_and_fetches_nothing(tmp_path):
    try:
        import weasyprint  # noqa: F401  # whether it can be imported is all that is asked
    except (ImportError, OSError):
        pytest.skip("PDF is an extra, and draws with Pango: pip install 'crmtool[pdf]'")
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", "utf-8")
    text = f'<p>Тарас</p><link rel="attachment" href="{secret.as_uri()}"><img src="{secret.as_uri()}" alt="">'
    for name in ("a.pdf", "b.pdf"):
        pdf.write_pdf(text, tmp_path / name)
    written = (tmp_path / "a.pdf").read_bytes()
    assert written.startswith(b"%PDF-")
    assert b"secret" not in written
    assert b"EmbeddedFile" not in written
    assert written == (tmp_path / "b.pdf").read_bytes()


@pytest.mark.parametrize("error", [ImportError, OSError])
def test_without_the_library_it_is_said_how_to_get_it(tmp_path, monkeypatch, error):
    real = builtins.__import__

    def missing(name, *rest, **more):
        if name == "weasyprint":
            raise error
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UsageError) as refused:
        pdf.write_pdf("<p>a</p>", tmp_path / "a.pdf")
    assert "nstall" in refused.value.hint
    assert not (tmp_path / "a.pdf").exists()


# -- workbooks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_workbook_has_a_sheet_for_each_owner_and_no_formula(tmp_path, language):
    speech = languages.speech(language)
    worklists.write_workbook((*TASKS, *SOON), speech, tmp_path / "work.xlsx", force=False)
    book = openpyxl.load_workbook(tmp_path / "work.xlsx")
    nobody = speech.t("nobody")
    assert book.sheetnames == ['Mary "M" <Smith>', "a-b--c-", "Іван Франко", "іван франко (2)", nobody]
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert [cell.value for cell in book["Іван Франко"][1]] == [speech.t(name) for name in worklists.COLUMNS]
    first = [cell.value for cell in book["Іван Франко"][2]]
    assert first[:4] == ["2", "Пётр Ёлкин", "phone", "+79161234567"]
    assert first[4] == speech.t("red")
    assert first[6:8] == ["2026-10-31", "2026-07-31"]
    assert not any(cell.value and HOSTILE in str(cell.value) for cell in book[nobody]["A"])


def test_unseen_characters_are_shown():
    assert pages.visible("a\u202eb") == "a⟨U+202E⟩b"
    assert pages.short("x" * 201).endswith("… (201 characters)")
