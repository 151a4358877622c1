"""Names of companies: the legal form apart, quotation marks in order, one look: ООО «Ромашка», Acme Trading LLC.

Russian and Ukrainian forms stand in front and the name in «»; others stand behind, but for those that may lead (AB, Oy,
UAB). A sole proprietor keeps a person's name without quotation marks. The forms are those of `settings.vocabulary`
(`rules/vocabularies/legal_form.toml`), found by `company_forms`. Capitals become small only in a name of capitals alone
that is too long for an abbreviation. To add a word for "works nowhere": `_NOBODY`.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from crmtool.core.folding import folded
from crmtool.core.normalizers import company_forms
from crmtool.core.normalizers.cells import answered, changed, prepared
from crmtool.core.normalizers.company_forms import PERHAPS_SOLE, SOLE, TWO_MEANINGS, is_institution
from crmtool.core.normalizers.company_names import cased, marks, person, stripped
from crmtool.core.normalizers.company_quick import SCHEMA, quick
from crmtool.core.normalizers.registry import normalizer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmtool.core.normalizers.company_forms import Form, Index, Word
    from crmtool.core.normalizers.registry import Settings

EXTRA: dict[str, pl.DataType] = {
    "base_name": pl.String(),  # without form and quotation marks, for comparing
    "legal_form": pl.String(),  # canonical; several parted by a space
    "full_form": pl.String(),  # the long form, where it is one
    "kind": pl.String(),  # "person" for a sole proprietor of that name, else "company"
    "person": pl.String(),  # their name
}

#: What people write who have no company, folded.
_NOBODY_TEXT = (
    "самозанятый|самозанятая|самозанятость|частное лицо|част. лицо|частн. лицо|физлицо|физ. лицо|физ лицо|ф/л|"
    "физическое лицо|частник|нет компании|без компании|компании нет|не работаю|безработный|безработная|"
    "самозайнятий|самозайнята|фізособа|фіз. особа|фізична особа|приватна особа|немає компанії|без компанії|"
    "не працюю|безробітний|безробітна|private person|private individual|individual|self-employed|self employed|"
    "no company|not employed|unemployed"
)
_NOBODY = frozenset(_NOBODY_TEXT.split("|"))

_LEADING = frozenset(
    {"AB", "Oy", "OÜ", "PT", "A/S", "SIA", "UAB", "MB", "株式会社", "有限会社", "合同会社", "주식회사"}
)
_CYRILLIC = re.compile("[\u0400-\u052f]")
_ATTACHED = re.compile(
    "(株式会社|有限会社|合同会社|集团有限公司|股份有限公司|有限责任公司|有限責任公司|有限公司|주식회사)"
)
_PARTING = frozenset(";,/|")


class Company(NamedTuple):
    """What a name says; `several`: two companies or more stand in it."""

    clean: str
    base: str | None
    form: str | None
    full: str | None
    person: str | None
    several: bool


@normalizer("company")
def company(values: pl.Series, settings: Settings) -> pl.DataFrame:
    """Return names in their official short look; adds the parts of `EXTRA`.

    Codes: value.placeholder for a private person, company.nameless for a legal form alone, company.several for two
    companies in one cell; the last two are kept as they stand.

    >>> from crmtool.core.normalizers.registry import Settings
    >>> forms = {"ооо": "ООО", "общество с ограниченной ответственностью": "ООО"}
    >>> company(pl.Series(['"Ромашка", ооо']), Settings(vocabulary=forms)).select("clean", "base_name").row(0)
    ('ООО «Ромашка»', 'Ромашка')
    """
    frame = _without_nobody(prepared(values, settings))
    known = company_forms.index(settings.vocabulary)
    texts = frame["text"].drop_nulls().unique(maintain_order=True)
    common = quick(texts, known)
    rows = [(text, *read(text, known)) for text in texts.filter(~texts.is_in(common["text"].implode()))]
    rest = pl.DataFrame(rows, schema={**SCHEMA, "several": pl.Boolean()}, orient="row")
    answers = pl.concat([common.with_columns(several=pl.lit(False)), rest])
    frame = frame.join(answers, on="text", how="left", maintain_order="left")
    kind = pl.when(pl.col("person").is_not_null()).then(pl.lit("person")).otherwise(pl.lit("company"))
    frame = frame.with_columns(code=_code(), kind=pl.when(pl.col("text").is_not_null()).then(kind))
    return answered(frame.with_columns(rule=changed(_rule())), EXTRA)


def _without_nobody(cells: pl.DataFrame) -> pl.DataFrame:
    """Return `cells` where "private person" and the like are placeholders."""
    longest = max(map(len, _NOBODY)) + 1
    short = cells["text"].filter(cells["text"].str.len_chars() <= longest).unique()
    nobody = [text for text in short.drop_nulls() if folded(text).strip(" .,") in _NOBODY]
    none = pl.col("text").is_in(nobody).fill_null(value=False)
    return cells.with_columns(
        text=pl.when(~none).then("text"), code=pl.when(none).then(pl.lit("value.placeholder")).otherwise("code")
    )


def _code() -> pl.Expr:
    """Return what there is to say about a name."""
    return (
        pl.when(pl.col("several"))
        .then(pl.lit("company.several"))
        .when(pl.col("clean").is_not_null() & pl.col("base_name").is_null())
        .then(pl.lit("company.nameless"))
        .otherwise("code")
    )


def _rule() -> pl.Expr:
    """Return what changed a name: its spaces, its case, its form, or its quotation marks alone."""
    same = pl.col("clean").str.to_lowercase() == pl.col("value").str.to_lowercase()
    return (
        pl.when(pl.col("clean") == pl.col("text"))
        .then(pl.lit("text.spaces"))
        .when(same)
        .then(pl.lit("company.case"))
        .when(_unmarked(pl.col("clean")) != _unmarked(pl.col("value")), pl.col("legal_form").is_not_null())
        .then(pl.lit("company.form"))
        .otherwise(pl.lit("company.quotes"))
    )


def _unmarked(name: pl.Expr) -> pl.Expr:
    return name.str.replace_all(r'["«»„“”\s]+', "")


# --- one name ---


def read(text: str, known: Index) -> Company:
    """Return what one tidy text says; a look that would not stay as it is, is not taken."""
    once = _read(text, known)
    if once.clean == text or _read(once.clean, known).clean == once.clean:
        return once
    return once._replace(clean=text)


def _read(text: str, known: Index) -> Company:
    plain = _plain(text)
    tokens, forms = company_forms.found(plain, known)
    if not forms:
        bare = stripped(plain)
        return Company(cased(marks(bare)), cased(_base(plain, tokens, forms)) or None, None, None, None, several=False)
    if _several(tokens, forms):
        return Company(text, None, None, None, None, several=True)
    canonical = _distinct(form.canonical for form in forms)
    base = _base(plain, tokens, forms)
    if not base:
        return Company(text, None, " ".join(canonical), _full(forms), None, several=False)
    lowered = plain.islower() and _CYRILLIC.search(base) is not None
    base = cased(base[:1].upper() + base[1:] if lowered else base)
    owner = person(base) if _is_sole(tokens, forms, base) else None
    clean = _look(plain, tokens, forms, owner, lowered=lowered)
    return Company(clean, owner or base, " ".join(canonical), _full(forms), owner, several=False)


def _plain(text: str) -> str:
    """Return a text without HTML entities, its quotation marks of one kind for each side."""
    plain = html.unescape(text) if "&" in text and ";" in text else text
    plain = plain.replace("<<", "«").replace(">>", "»").replace("''", '"').replace("‹", "«").replace("›", "»")
    plain = re.sub(r"(?<![^\W_])['‘`’]([^'‘`’]+)['’`](?![^\W_])", r'"\1"', plain)
    return " ".join(_ATTACHED.sub(r" \1 ", plain).split())


def _full(forms: list[Form]) -> str | None:
    """Return the long form of the first form, None where the short one has several."""
    return None if forms[0].canonical in TWO_MEANINGS else forms[0].full


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _several(tokens: list[Word], forms: list[Form]) -> bool:
    """Tell whether two forms have names of their own: parted by a mark, or each in front of its name."""
    if len(forms) == 1:
        return False
    cyrillic = [form for form in forms if _CYRILLIC.search(form.canonical)]
    names = [_has_name(tokens, form, cyrillic[n + 1 : n + 2]) for n, form in enumerate(cyrillic)]
    if len(cyrillic) > 1 and cyrillic[0].first <= 1 and sum(names) > 1 and not _all_inside(tokens, cyrillic):
        return True
    pieces: list[list[int]] = [[]]
    for n, token in enumerate(tokens):
        if token.text in _PARTING:
            pieces.append([])
        elif token.key:
            pieces[-1].append(n)
    inside = {n for form in forms for n in range(form.first, form.behind)}
    return sum(1 for piece in pieces if inside & {*piece} and {*piece} - inside) > 1


def _has_name(tokens: list[Word], form: Form, following: list[Form]) -> bool:
    """Tell whether words stand between a form and the next."""
    return any(token.key for token in tokens[form.behind : following[0].first if following else len(tokens)])


def _all_inside(tokens: list[Word], forms: list[Form]) -> bool:
    """Tell whether a quotation opens behind the first form and does not close before the second."""
    between = [token.text for token in tokens[forms[0].behind : forms[1].first] if token.text in '"«»„“”']
    return len(between) % 2 == 1


def _is_sole(tokens: list[Word], forms: list[Form], base: str) -> bool:
    """Tell whether a form is of one person: never with quotation marks, perhaps with a name of two words and more."""
    if any(token.text in '"«»„“”' for token in tokens):
        return False
    canonical = forms[0].canonical
    return canonical in SOLE and (canonical not in PERHAPS_SOLE or len(re.split(r"[\s.]+", base.strip("."))) > 1)


# --- its look ---


def _rest(text: str, tokens: list[Word], forms: Iterable[Form]) -> str:
    """Return a text without these forms."""
    parts, at = [], 0
    for form in forms:
        parts.append(text[at : tokens[form.first].start])
        at = tokens[form.behind - 1].end
    parts.append(text[at:])
    joined = re.sub(r"\(\s*\)|\[\s*\]", " ", " ".join(parts))
    return _ends(re.sub(r"\s+([,;])", r"\1", re.sub(r"(?:\s*[,;])+(?=\s*[,;])", "", " ".join(joined.split()))))


def _ends(text: str) -> str:
    """Return a text without the marks and joining words that a form left at its ends."""
    return re.sub(r"^(?:[\s,;:/|&.–—-]|and\s)+|(?:[\s,;:/|&–—-]|\s(?:and|und|et))+$", "", text)


def _base(text: str, tokens: list[Word], forms: list[Form]) -> str:
    """Return the name without forms and quotation marks."""
    bare = re.sub(r'["«»„“”]', " ", _rest(text, tokens, forms))
    return _ends(re.sub(r"\s+([,;.])", r"\1", " ".join(bare.split())))


def _look(text: str, tokens: list[Word], forms: list[Form], owner: str | None, *, lowered: bool) -> str:
    """Return the official short look of a name."""
    outside = [form for form in forms if form.place != company_forms.MIDDLE]
    rest = _rest(text, tokens, outside)
    name = stripped(rest)
    name = cased(name[:1].upper() + name[1:] if lowered else name)
    front = _distinct(form.canonical for form in outside if _CYRILLIC.search(form.canonical))
    other = [form for form in outside if not _CYRILLIC.search(form.canonical)]
    leading = _distinct(f.canonical for f in other if f.canonical in _LEADING and f.place == company_forms.FRONT)
    behind = [name for name in _distinct(form.canonical for form in other) if name not in leading]
    whole = " ".join([*leading, owner or marks(name), *behind])
    if not front:
        return whole
    if owner or ("«" in marks(name) and name == rest) or _unquoted(front[0], rest):
        return " ".join([*front, whole])
    return f"{' '.join(front)} «{whole.replace('«', '„').replace('»', '“')}»"


def _unquoted(form: str, name: str) -> bool:
    """Tell whether a name without quotation marks stays so: what may be a person, or says what an institution is."""
    quoted = any(mark in name for mark in '"«»„“”')
    return not quoted and (form in SOLE or is_institution(form))
