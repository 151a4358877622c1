"""What a person says under a letter: phones, job title, company, site; only where it is plainly said.

Lines with a label ("Тел.: ...", "Посада: ...") count in the last lines of a letter; a line that is nothing but a
phone, a site, a company with its legal form or a common job title counts only in a signature, below "-- ". To add a
label: a word in `_LABELS`.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LAST = 10  # lines of a letter in which labels are looked for
_LONGEST = 200  # characters of a line

#: What stands before a value -> the heading it gets.
_LABELS = {
    "Mobile phone": r"моб(?:ильный|ільний)?\.?(?: ?тел(?:ефон)?\.?)?|сот(?:овый)?\.?|mobile(?: phone)?|mob\.?"
    r"|cell(?: phone)?|m|м|c",
    "Fax": r"факс|fax|f|ф",
    "Phone": r"(?:раб(?:очий)?\.?|роб(?:очий)?\.?|гор(?:одской)?\.?)? ?тел(?:ефон)?\.?(?: ?/ ?факс)?|(?:tele)?phone"
    r"|tel\.?|office|direct|т|t|p|ph",
    "Job title": r"должность|посада|(?:job )?title|position",
    "Company": r"компания|компанія|организация|організація|company|organi[sz]ation",
    "Site": r"сайт|web(?: ?site)?|site|url",
    "Telegram": r"telegram|телеграм(?:м)?|tg",
    "WhatsApp": r"whats ?app|ватсап|вацап",
    "Viber": r"viber|вайбер",
    "Skype": r"skype|скайп",
}
_SITE = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:/[^\s<>]*)?", re.IGNORECASE)
_PHONES = ("Phone", "Mobile phone", "Fax", "WhatsApp", "Viber")
_PHONE = r"\+?\(?\d[\d\s().\u2010-\u2015-]{5,24}\d(?:,?\s*(?:доб|вн|ext|x)\.?\s*\d{1,6})?"
_LABEL = re.compile(
    "(?:^|(?<=[\\s,;|/•·]))(?:"
    + "|".join(f"(?P<{heading.replace(' ', '_')}>{words})" for heading, words in _LABELS.items())
    + r")\s{0,3}[:.]{1,2}\s{0,3}(?=\S)",
    re.IGNORECASE,
)
_ONLY = (
    ("Phone", re.compile(_PHONE)),
    ("Site", re.compile(r"(?:https?://|www\.)[^\s<>]{3,100}")),
    (
        "Company",
        re.compile(
            r"(?:ООО|ЗАО|ОАО|ПАО|АО|ИП|ТОВ|ПрАТ|ПАТ|АТ|ФОП|ДП|КП)\s.{2,80}"
            r"|.{2,80}?,?\s(?:LLC|Ltd\.?|Inc\.?|GmbH|LLP|Corp\.?|S\.A\.|B\.V\.|Limited)"
        ),
    ),
    (
        "Job title",
        re.compile(
            r"(?:head|vice president|president) of [^.!?\d]{2,60}"
            r"|(?:[\w-]+\s){0,3}(?:директор|менеджер|руководитель|керівник|начальник|бухгалтер|инженер|інженер|юрист"
            r"|специалист|фахівець|manager|director|engineer|accountant|lawyer|consultant|CEO|CTO|CFO|COO|assistant)"
            r"\b[^.!?\d]{0,60}",
            re.IGNORECASE,
        ),
    ),
)
_QUOTED = re.compile(
    r"^-{2,}\s*(?:original|forwarded|исходное|пересылаемое|оригінальне|переслане)|^_{10,}$"
    r"|^(?:on|am|le)\b.{5,200}(?:wrote|schrieb|a écrit)\s*:$"
    r"|.{5,200}(?:пишет|написал\(?а?\)?|пише|написав|написала)\s*:$"
    r"|^(?:from|от|від|от кого|від кого)\s*:\s*\S",
    re.IGNORECASE,
)


def fields(text: str) -> list[tuple[str, str]]:
    """Return heading and value of what the writer of a letter says about himself, in the order of the lines."""
    own = _own(text)
    below = next((at for at in range(len(own) - 1, -1, -1) if own[at].rstrip() == "--"), None)
    if below is not None:
        lines = [line for line in own[below + 1 :] if line][: 2 * _LAST]
        return [pair for line in lines for pair in (list(_labelled(line)) or _plain(line))]
    lines = [line for line in own if line][-_LAST:]
    return [pair for line in lines for pair in _labelled(line)]


def _own(text: str) -> list[str]:
    """Return the lines of a letter down to what it quotes."""
    own: list[str] = []
    for line in text.splitlines():
        short = line.strip()
        if _may_quote(short) and _QUOTED.match(short) and any(own):
            break
        if not short.startswith(">"):
            own.append(short if len(short) <= _LONGEST else "")
    return own


def _may_quote(line: str) -> bool:
    """Leave out, cheaply, most lines that introduce no quotation."""
    return len(line) <= _LONGEST and (line[-1:] == ":" or line[:1] in ("-", "_") or ":" in line[:12])


def _labelled(line: str) -> Iterator[tuple[str, str]]:
    found = list(_LABEL.finditer(line))
    for each, following in zip_longest(found, found[1:]):
        heading = (each.lastgroup or "").replace("_", " ")
        said = line[each.end() : following.start() if following else None].strip(" ,;|/•·\t")
        phone = re.match(_PHONE, said) if heading in _PHONES else None
        if phone:
            yield heading, phone[0].strip()
        elif heading == "Site":
            if site := _SITE.match(said):
                yield heading, site[0]
        elif heading not in _PHONES and said and ":" in each[0]:
            yield heading, said


def _plain(line: str) -> list[tuple[str, str]]:
    return next(([(heading, line)] for heading, pattern in _ONLY if pattern.fullmatch(line)), [])
