"""The page of an audit in a real browser: no error, no request, hostile names inert, readable on a phone, sortable.

Needs Debian's chromium and playwright; without them it is skipped.
"""

import shutil

import pytest
from audits import HOSTILE, example

from crmtool.io import languages
from crmtool.io.renderers import audit

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--headless", "--no-sandbox", "--disable-background-networking"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Open the page once in each scheme; tell what the browser saw and said."""
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = tmp_path_factory.mktemp("page") / "audit.html"
    path.write_text(audit.audit_html(example(), languages.speech("ru")), "utf-8")
    said, asked, looks = [], [], {}
    with sync.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, scheme, script, width in (
            ("wide", "light", True, 1200),
            ("phone", "light", True, 360),
            ("dark", "dark", True, 1200),
            ("plain", "light", False, 360),
        ):
            context = browser.new_context(
                color_scheme=scheme, java_script_enabled=script, viewport={"width": width, "height": 800}
            )
            page = context.new_page()
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
            page.on("request", lambda request: asked.append(request.url))
            page.goto(path.as_uri())
            looks[name] = {"text": page.inner_text("body"), "rows": page.locator("table").count()}
            if script:
                looks[name] |= {"axe": broken(page) if name != "wide" else [], **page.evaluate(LOOK)}
            context.close()
        browser.close()
    return {"said": said, "asked": [url for url in asked if not url.startswith("file://")], **looks}


def broken(page):
    """Return the rules of axe-core for WCAG 2.2 A and AA, and its best practices, that the page breaks, and where."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    told = axe.Axe().run(page, options={"runOnly": tags, "resultTypes": ["violations"]}).response
    assert len(told["passes"]) > 20  # it did look
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"][:3]]) for rule in told["violations"]]


#: What the page is, as the browser has drawn it; contrast by WCAG 2.2 for every text that is shown.
LOOK = """() => {
  const linear = (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = (c) => { const [r, g, b] = c.map(v => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b };
  const rgb = (s) => s.match(/[\\d.]+/g).map(Number);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c.slice(0, 3) } return [255, 255, 255] };
  const faint = [];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.closest("script, svg, .unseen") || !e.getClientRects().length) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color).slice(0, 3)), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push([e.tagName, e.className, ratio, e.textContent.slice(0, 30)]);
  }
  const table = document.querySelector(".work table");
  const first = () => [...table.tBodies[0].rows].map(r => r.cells[0].textContent);
  const before = first(); table.querySelector("th button").click(); const after = first();
  const heads = [...document.querySelectorAll("h1, h2, h3")].map(h => Number(h.tagName[1]));
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  const flags = {}, patterns = {};
  for (const e of document.querySelectorAll(".flag")) (flags[e.classList[1]] ??= []).push(e.textContent.trim());
  for (const e of document.querySelectorAll(".bar rect[class]"))
    patterns[e.getAttribute("class")] = e.nextElementSibling?.tagName == "line";
  return { faint, before, after, heads, flags, patterns,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    unnamed: [...document.querySelectorAll("table")].filter(t => !t.caption).length
      + [...document.querySelectorAll("button, [tabindex]")]
        .filter(e => !(e.textContent.trim() || e.getAttribute("aria-labelledby"))).length,
    twice: ids.length - new Set(ids).size,
    narrow: [...document.querySelectorAll(":is(.counts, .lines) tbody th")]
      .filter(e => e.getBoundingClientRect().width < 90).map(e => e.textContent),
    small: [...document.querySelectorAll("td, th, p, li, dd")].filter(e => e.getClientRects().length
      && parseFloat(getComputedStyle(e).fontSize) < 12).length };
}"""


def test_the_browser_says_nothing_and_asks_nobody(seen):
    assert seen["said"] == []
    assert seen["asked"] == []


def test_flags_differ_by_shape_and_word_and_bars_by_pattern(seen):
    flags = {flag: set(texts) for flag, texts in seen["wide"]["flags"].items()}
    assert flags == {"green": {"● зелёный"}, "yellow": {"◐ жёлтый"}, "red": {"■ красный"}}
    assert seen["wide"]["patterns"] == {"green": False, "yellow": True, "red": True}


def test_hostile_names_are_text(seen):
    assert "<script>alert('x')</script>⟨U+202E⟩gnp.exe" in seen["wide"]["text"]
    assert HOSTILE not in seen["wide"]["text"]


@pytest.mark.parametrize("look", ["wide", "phone", "dark"])
def test_every_text_stands_out_and_the_page_has_a_structure(seen, look):
    drawn = seen[look]
    assert drawn["faint"] == []
    assert (drawn["unnamed"], drawn["twice"], drawn["small"]) == (0, 0, 0)
    assert drawn["heads"][0] == 1
    assert all(later - former <= 1 for former, later in zip(drawn["heads"], drawn["heads"][1:], strict=False))


@pytest.mark.parametrize("look", ["phone", "dark"])
def test_axe_finds_no_violation(seen, look):
    assert seen[look]["axe"] == []


def test_a_phone_need_not_be_scrolled_sideways(seen):
    assert seen["phone"]["wide"] <= 0
    assert seen["phone"]["narrow"] == []


def test_lists_are_sorted_by_a_click_and_whole_without_a_script(seen):
    assert sorted(seen["wide"]["before"]) == sorted(seen["wide"]["after"])
    assert seen["wide"]["after"] != seen["wide"]["before"]
    assert seen["plain"]["rows"] == seen["wide"]["rows"]
    assert "Пётр Ёлкин" in seen["plain"]["text"]
