"""Where the legal forms stand in the name of a company: ООО, "Sp. z o. o.", ФГБОУ ВО, and their long forms.

A name is read as words. From each word on, the longest run that the vocabulary knows is a form, spaces and full stops
aside, if its place and its letters bear it out: "AS Roma" and "Day Spa" have none. Russian and Ukrainian state
institutions are told by how their forms are built, not by a list. To add a form: `rules/vocabularies/legal_form.toml`;
a word that only sometimes is one: the sets below.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crmtool.core.folding import folded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FRONT, MIDDLE, END = "front", "middle", "end"


class Index(NamedTuple):
    """Squashed synonym -> canonical form, the beginnings of the synonyms, canonical -> long form."""

    forms: Mapping[str, str]
    beginnings: frozenset[str]
    full: Mapping[str, str]


class Form(NamedTuple):
    """A legal form in a text: which words (first, behind the last), where it stands, what it is."""

    first: int
    behind: int
    place: str
    canonical: str
    full: str | None
    key: str  # squashed, as it was found


class Word(NamedTuple):
    """A word, a quotation mark or a bracket, and where it stands in the text."""

    text: str
    start: int
    end: int
    key: str  # squashed; empty: no word


_TOKEN = re.compile(r'["«»„“”]|[,;()|\n]|[^\s"«»„“”,;()|]+')
_JOINING = {"&", "and", "und", "et", "y", "e", "-", "–", "—", "/", "+"}
_SHORT = 3  # letters; a shorter form may be a word, a name or initials
_LONG = 6  # letters; of longer words doubled letters do not matter

#: Latin forms that are nothing else, in any case and anywhere.
_CERTAIN_TEXT = (
    "inc ltd llc plc llp srl sro doo ooo zao oao kft zrt nyrt oy oyj aps pty pte pvt uab gmbh ggmbh gmbh&cokg ptyltd "
    "pteltd pvtltd coltd spzoo sarl ohg ojsc cjsc pjsc sadecv"
)
_CERTAIN = frozenset(_CERTAIN_TEXT.split())
#: Latin forms of two letters that stand in front as well.
_LEADING_TEXT = "ab oy ou pt a/s ao sia mb too tov pao nao pat prat prjsc fop spd"
_LEADING = frozenset(_LEADING_TEXT.split())
#: Of these the ones that are words, too: not in a text of capitals alone.
_WORDS_IN_FRONT_TEXT = "too pat ao nao mb"
_WORDS_IN_FRONT = frozenset(_WORDS_IN_FRONT_TEXT.split())
#: Of these the ones often written with one capital.
_TITLED = frozenset({"ab", "ou", "sia"})
#: Forms that are words as well: only at the end.
_AT_THE_END_TEXT = (
    "co company corp corporation limited incorporated berhad compania cia cie limitada andco andcompany &co &company "
    "andsons &sons ycia ecia etcie &cie &cia terbuka companylimited privatelimited"
)
_AT_THE_END = frozenset(_AT_THE_END_TEXT.split())
#: Forms that are words of a language when not in capitals.
_IN_CAPITALS_TEXT = "по го но то ко со се та ду as se co spa sas sca asa sal pat mb cv ca bo ky bt rt ae"
_IN_CAPITALS = frozenset(_IN_CAPITALS_TEXT.split())

#: Forms of one person; of these the ones that may as well be of a company with a name.
SOLE = frozenset({"ИП", "ФОП", "СПД", "ЧП", "КФХ", "ИП ГКФХ", "ПП", "ФГ"})
PERHAPS_SOLE = frozenset({"ЧП", "КФХ", "ПП", "ФГ"})
#: Short forms that stand for more than one long one.
TWO_MEANINGS = frozenset({"ДП", "ПП", "ЧП", "КП", "ПК", "S.A.", "AS", "S.r.l.", "КУ"})

_INITIALS = re.compile(r"(?:[^\W\d_]\.){1,2}[^\W\d_]\.?")
_LOOK_ALIKES = str.maketrans("aceopxkmtbhyi", "асеорхкмтвнуі")


def index(vocabulary: Mapping[str, str]) -> Index:
    """Return the look-up of a vocabulary: folded synonym -> canonical value, the long form first among the synonyms."""
    return _index(tuple(vocabulary.items()))


@lru_cache(maxsize=8)
def _index(vocabulary: tuple[tuple[str, str], ...]) -> Index:
    forms: dict[str, str] = {}
    full: dict[str, str] = {}
    for synonym, canonical in vocabulary:
        forms.setdefault(squashed(synonym), canonical)
        if " " in synonym or len(synonym) > 2 * _LONG:
            full.setdefault(canonical, synonym[:1].upper() + synonym[1:])
    beginnings = frozenset(form[:length] for form in forms for length in range(1, len(form) + 1))
    return Index(forms, beginnings, full)


def squashed(text: str) -> str:
    """Return the letters and figures of a text, folded, without marks and doubled letters in long words.

    >>> squashed("Sp. z o. o."), squashed("Société"), squashed("A/S"), squashed("ограниченной")
    ('spzoo', 'societe', 'a/s', 'ограниченой')
    """
    return "".join(map(_squashed_word, folded(text).split()))


def _squashed_word(fold: str) -> str:
    letters = "".join(c for c in fold.replace("+", "&") if c.isalnum() or c in "&/")
    if letters == "/":
        return ""
    if not letters.isascii() and len(letters) >= _SHORT and not re.search("[\u0400-\u052f]", letters):
        plain = unicodedata.normalize("NFD", letters.replace("ł", "l").replace("ø", "o").replace("ı", "i"))
        letters = unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))
    return re.sub(r"([^\W\d_])\1", r"\1", letters) if len(letters) >= _LONG else letters


@lru_cache(maxsize=50_000)
def _key(word: str) -> str:
    """Return the squashed word; most words of a list of companies come again."""
    return _squashed_word(folded(word))


def could_begin(word: str, known: Index) -> bool:
    """Tell whether a legal form may begin with this word; rather yes than no."""
    key = _key(word)
    state = _ABBREVIATION.fullmatch(word) or key.startswith(_STATE)
    return key in known.beginnings or _cyrillic(key, word) in known.beginnings or bool(state)


def could_go_on(text: str, word: str, known: Index) -> bool:
    """Tell whether a legal form may begin with this text and go on with this word: АНО, ВО."""
    return "".join(map(_key, text.split())) + _key(word) in known.beginnings


def is_institution(form: str) -> bool:
    """Tell whether a form is of a state institution, whose name often says what it is and has no quotation marks."""
    return form.split(maxsplit=1)[0].endswith(("У", "УЗ", "УК", "УП", "КЗ", "КНП"))


def words(text: str) -> list[Word]:
    """Return the words, quotation marks and brackets of a text."""
    return [Word(m.group(), m.start(), m.end(), _key(m.group())) for m in _TOKEN.finditer(text)]


def found(text: str, known: Index) -> tuple[list[Word], list[Form]]:
    """Return the words of a text and the legal forms among them, in order."""
    tokens = words(text)
    matches = _without_initials(list(_matches(text, tokens, known)), tokens)
    return tokens, [form for form in _placed(tokens, matches, text) if form]


def _matches(text: str, tokens: list[Word], known: Index) -> Iterator[Form]:
    """Yield what could be a form, the longest from each word on, without overlap."""
    cyrillic = re.search("[\u0400-\u052f]", text) is not None
    at = 0
    while at < len(tokens):
        form = _institution(text, tokens, at, cyrillic=cyrillic) or _longest(tokens, at, known, cyrillic=cyrillic)
        if form:
            yield form
        at = form.behind if form else at + 1


def _without_initials(matches: list[Form], tokens: list[Word]) -> list[Form]:
    """Return the matches without those that are the initials of a person: "ИП Петров П. П.", "ФОП Коваль А.О."."""
    initials = [form for form in matches if _INITIALS.fullmatch(_written(form, tokens))]
    others = [form for form in matches if form not in initials]
    return others if any(form.canonical in SOLE for form in others) else matches


def _written(form: Form, tokens: list[Word]) -> str:
    return "".join(token.text for token in tokens[form.first : form.behind])


def _longest(tokens: list[Word], at: int, known: Index, *, cyrillic: bool) -> Form | None:
    """Return the longest form of the vocabulary that begins with this word."""
    key, best = "", None
    for place in range(at, len(tokens)):
        word = tokens[place]
        if not word.key and (not key or word.text not in "()"):
            break
        key += word.key
        if key not in known.beginnings:
            key = _cyrillic(key, word.text) if cyrillic and place == at else key
            if key not in known.beginnings:
                break
        if key in known.forms and word.text != "(":
            best = (place + 1, known.forms[key], key)
    if best is None:
        return None
    behind, canonical, key = best
    if behind < len(tokens) and tokens[behind].text == ")" and any(t.text == "(" for t in tokens[at:behind]):
        behind += 1
    return Form(at, behind, "", canonical, known.full.get(canonical), key)


def _cyrillic(key: str, written: str) -> str:
    """Return a short word in capitals that was typed in look-alike Latin letters as the Cyrillic one it looks like."""
    return key.translate(_LOOK_ALIKES) if written.isupper() and len(key) <= _LONG else key


# --- whether it is a form here ---


def _placed(tokens: list[Word], matches: list[Form], text: str) -> Iterator[Form | None]:
    """Yield the matches that are forms, with their place."""
    filled = [n for n, token in enumerate(tokens) if token.key or token.text in _JOINING]
    starts: set[int] = set()
    for form in matches:  # a run of forms from the first word on
        before = [n for n in filled if n < form.first]
        if all(n in starts for n in before) and _stands(tokens, form, FRONT, text):
            starts |= set(range(form.first, form.behind))
    ends: set[int] = set()
    for form in reversed(matches):
        after = [n for n in filled if n >= form.behind and tokens[n].text.casefold() not in _JOINING]
        if all(n in ends for n in after) and _stands(tokens, form, END, text):
            ends |= set(range(form.first, form.behind))
    for form in matches:
        place = FRONT if form.first in starts else END if form.first in ends else MIDDLE
        if place != MIDDLE or _stands(tokens, form, MIDDLE, text):
            yield form._replace(place=place)


def _stands(tokens: list[Word], form: Form, place: str, text: str) -> bool:
    """Tell whether a run of words is a legal form at its place, by its letters and what stands about it."""
    run = [token for token in tokens[form.first : form.behind] if token.key]
    key, written = form.key, text[run[0].start : run[-1].end]
    usual = written.rstrip(".,") == form.canonical.rstrip(".") or (key in _TITLED and written.istitle())
    capitals = written.isupper() or "." in written[:-1] or "/" in written or usual
    sure = capitals or (key not in _IN_CAPITALS and (len(key) > _SHORT or text.islower() or key in _CERTAIN))
    if re.search("[\u0400-\u052f]", key) or not re.search("[a-z]", key):
        return _cyrillic_stands(tokens, form, place, capitals=capitals, key=key)
    return _latin_stands(tokens, form, place, sure=sure, key=key, written=written, shouted=text.isupper())


def _cyrillic_stands(tokens: list[Word], form: Form, place: str, *, capitals: bool, key: str) -> bool:
    quoted = form.behind < len(tokens) and tokens[form.behind].text in '"«„“'
    long = len(key) > _LONG
    if place == FRONT:
        return capitals or key not in _IN_CAPITALS
    if place == END:
        return capitals or long or tokens[form.first].text.istitle() is False
    parted = tokens[form.first - 1].text in {",", ";", "|", "/"}
    return (capitals or long) and (quoted or parted or (len(key) >= _SHORT and not _before_name(tokens, form)))


def _before_name(tokens: list[Word], form: Form) -> bool:
    """Tell whether what stands in front is in quotation marks: "ТД "Мир" УП №2" has a name already."""
    return any(token.text in '"»”' for token in tokens[: form.first])


def _latin_stands(
    tokens: list[Word], form: Form, place: str, *, sure: bool, key: str, written: str, shouted: bool
) -> bool:
    if place == END:
        return sure or key in _AT_THE_END - {"co"} or (key == "co" and written[0].isupper())
    if key in _AT_THE_END:
        return False
    if place == FRONT:
        named = key in _LEADING and sure and not (shouted and key in _WORDS_IN_FRONT)
        return key in _CERTAIN or named or len(key) > _LONG
    following = tokens[form.behind].text if form.behind < len(tokens) else ""
    parted = following in {",", "(", ";", "|", "-", "–", "/"} or written[-1] in "-/"
    return key in _CERTAIN or len(key) > 2 * _LONG or (sure and parted)


# --- state institutions ---

#: МБОУ, ГАУЗ, ФГАОУ, МУПС ...: whose, how it is paid, what it does, institution or enterprise.
_ABBREVIATION = re.compile(r"(?:ФГ|Ф|[КОРСТ]?Г|М|Н?Ч|НО?)[БАК]?(?:КО|[ВДНОПСШФ]){0,4}У(?:З|К|Н|С|СО|СОН|ДО|П|СП)?")
_LEVELS = ("ВО", "ВПО", "СПО", "НПО", "ДПО", "ДО", "ДОД")
_ADJECTIVES = (
    "федеральн государственн муниципальн областн краев городск районн республиканск окружн частн негосударственн "
    "некоммерческ автономн бюджетн казенн казённ унитарн образовательн общеобразовательн дошкольн научн учебн военн "
    "медицинск лечебн профессиональн специальн державн комунальн некомерційн навчальн вищ дошкільн обласн міськ "
    "районн бюджетн казенн професійно-технічн загальноосвітн лікувальн"
)
_STATE = tuple(_ADJECTIVES.split())
_TAIL = (
    "высшего среднего начального дополнительного профессионального образования здравоохранения культуры науки спорта "
    "социального обслуживания населения искусства"
)
_LONG_FORM = re.compile(
    rf"(?:(?:{'|'.join(_ADJECTIVES.split())})(?:ое|ий|ый|а|е|ій)\s+){{2,}}"
    r"(?:учреждение|предприятие|підприємство|установа|заклад)"
    rf"(?:\s+(?:{'|'.join(_TAIL.split())}))*(?=\W|$)",
    re.IGNORECASE,
)


def _institution(text: str, tokens: list[Word], at: int, *, cyrillic: bool) -> Form | None:
    """Return the form of a state institution that begins with this word, short or long."""
    if not cyrillic:
        return None
    word = tokens[at]
    if len(word.text) > _SHORT and _ABBREVIATION.fullmatch(word.text):
        level = at + 1 < len(tokens) and tokens[at + 1].text in _LEVELS
        short = f"{word.text} {tokens[at + 1].text}" if level else word.text
        return Form(at, at + 1 + level, "", short, None, word.key)
    match = _LONG_FORM.match(text, word.start) if word.key else None
    if match is None:
        return None
    behind = next((n for n in range(at, len(tokens)) if tokens[n].start >= match.end()), len(tokens))
    whole = match.group()
    return Form(at, behind, "", _initials(whole), whole[:1].upper() + whole[1:].lower(), squashed(whole))


def _initials(form: str) -> str:
    """Return the abbreviation of a long form.

    >>> _initials("Муниципальное бюджетное учреждение культуры")
    'МБУК'
    >>> _initials("Федеральное государственное бюджетное образовательное учреждение высшего образования")
    'ФГБОУ ВО'
    """
    parts = form.upper().split()
    noun = next(
        n for n, part in enumerate(parts) if part in {"УЧРЕЖДЕНИЕ", "ПРЕДПРИЯТИЕ", "ПІДПРИЄМСТВО", "УСТАНОВА", "ЗАКЛАД"}
    )
    head, tail = ("".join(part[0] for part in some) for some in (parts[: noun + 1], parts[noun + 1 :]))
    return f"{head} {tail}" if "ОБРАЗОВАНИЯ" in parts else head + tail
