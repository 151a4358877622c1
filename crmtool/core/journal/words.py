"""Words of journals: the directions and kinds of what happened, and how long it took.

To add a word: in its table, folded. A word of `_DIRECTIONS` may say an outcome beside the direction.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from crmtool.core.folding import folds

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("call", "email", "meeting", "chat", "ticket", "web", "note")
#: How each kind goes by itself.
CHANNEL_OF: Mapping[str, str] = {"call": "phone", "email": "email", "chat": "messenger", "web": "site"}

_KIND_WORDS = """
call звонок звонки вызов дзвінок phone телефон
email e-mail письмо почта лист mail рассылка
meeting встреча зустріч event webinar вебинар вебінар встречи демо demo appointment визит візит
chat чат сообщение повідомлення message telegram whatsapp viber мессенджер
ticket обращение заявка тикет звернення запит request case issue
web сайт site visit page page_view pageview form форма событие
note заметка примечание нотатка комментарий comment
"""
_DIRECTIONS = """
in входящий входящая входящее входящие вх вхідний вхідна вхідні inbound incoming in received получено
out исходящий исходящая исходящее исходящие исх вихідний вихідна вихідні outbound outgoing out sent отправлено
in/missed пропущенный пропущенные пропущен пропущений пропущені missed непринятый неотвеченный
in/voicemail voicemail
out/missed недозвон недодзвін
"""
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):([0-5]\d)(?:[.,]\d+)?")
_UNITS = re.compile(
    r"(?:(\d+)\s*(?:ч|час\w*|год\w*|h|hr|hrs|hours?)\.?\s*)?(?:(\d+)\s*(?:м|мин\w*|хв\w*|m|min|mins|minutes?)\.?\s*)?"
    r"(?:(\d+)\s*(?:с|сек\w*|s|sec|secs|seconds?)\.?)?"
)
_LONGEST = 10 * 366 * 86_400  # seconds; a longer one is no duration


def kinds(values: pl.Series) -> pl.Series:
    """Return the kind of interaction that words mean, null for one not known.

    >>> kinds(pl.Series(["Звонок", "E-mail", "?"])).to_list()
    ['call', 'email', None]
    """
    return folds(values).replace_strict(_table(_KIND_WORDS), default=None, return_dtype=pl.String)


def directions(values: pl.Series) -> pl.DataFrame:
    """Return what words say of the way a talk went (columns direction, said: an outcome that goes with it).

    >>> directions(pl.Series(["Пропущенный", "outgoing call"])).rows()
    [('in', 'missed'), ('out', None)]
    """
    words = folds(values).str.replace(r"\b(?:call|звонок|вызов|дзвінок|виклик)\b", "").str.strip_chars(" .")
    meant = words.replace_strict(_table(_DIRECTIONS), default=None, return_dtype=pl.String).str.split("/")
    return pl.DataFrame({"direction": meant.list.get(0, null_on_oob=True), "said": meant.list.get(1, null_on_oob=True)})


def seconds(text: str) -> int | None:
    """Return a duration in seconds: "00:03:25", "3:25", "205", "3 мин 25 сек"; None for no duration.

    >>> seconds("1:02:03"), seconds("3:25"), seconds("205"), seconds("3 мин 25 сек"), seconds("soon")
    (3723, 205, 205, 205, None)
    """
    plain = " ".join(text.lower().split())
    if found := _CLOCK.fullmatch(plain):
        total = int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])
    elif re.fullmatch(r"\d{1,9}(?:[.,]\d+)?", plain):
        total = int(re.split("[.,]", plain)[0])
    elif plain and (units := _UNITS.fullmatch(plain)):
        total = sum(int(part or 0) * size for part, size in zip(units.groups(), (3600, 60, 1), strict=True))
    else:
        return None
    return total if total <= _LONGEST else None


def _table(text: str) -> dict[str, str]:
    lines = (line.split() for line in text.splitlines() if line)
    return {word: line[0] for line in lines for word in line}
