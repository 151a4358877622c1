"""The words that stand in headings, and those that begin the last lines of a report, in English, Russian and Ukrainian.

To add one: a word in the list it belongs to. The words are parts of regular expressions; case does not matter.
"""

from __future__ import annotations

import re

_FIELDS = r"""
    (?:first|last|middle|given|family|full|display|nick)?[ _-]?name|surname|prefix|suffix|e-?mails?|phones?|tel
    telephone|mobile|cell|fax|pager|address|street|city|town|state|county|country|region|zip|postcode|postal|company
    organi[sz]ation|employer|department|job|title|position|birthday|born|date|time|year|day|notes?|id|type|status|stage|tags?|labels?
    source|url|web|website|homepage|comments?|description|gender|sex|created|modified|owner|price|amount|total
    имя|фамилия|отчество|фио|ф\. ?и\. ?о\.?|клиент|контакт\w*|телефоны?|тел|моб\w*|факс|почта|адрес\w*|город|улица|дом
    квартира|страна|регион|область|индекс|компания|организация|предприятие|отдел|должность|дата|день рождения
    комментари[йи]|примечани[ея]|заметк[аи]|тип|статус|источник|теги?|метк[аи]|пол|сайт|возраст|сумма|цена|инн
    ім['’ʼ]я|прізвище|по батькові|піб|п\. ?і\. ?б\.?|клієнт|пошта|місто|вулиця|будинок|країна|індекс|компанія
    організація|підприємство|відділ|посада|день народження|коментар\w*|примітк[аи]|нотатк[аи]|джерело|мітк[аи]|стать
    вік|сума|ціна|номер|код|ипн|рнокпп|єдрпоу|[nп]/п|№
"""
_THINGS = r"""
    rows?|records?|contacts?|entries|items|people|lines|results|строк[аи]?|запис(?:ь|и|ей)|контакт(?:а|ов|ы|и|ів)?
    рядк(?:и|ів)|записи?|записів|клиент(?:а|ов|ы)?|клієнт(?:а|ів|и)?|человек|осіб|шт\.?
"""
_TOTALS = r"""
    (?:grand |sub)?totals?(?: (?:amount|sum|count))?|sum|count|итого|всего|подытог|итог|разом|всього|усього|підсумок
    количество|кількість|summe|gesamt|insgesamt|razem|suma|ogółem
"""
_DONE = r"""
    exported|selected|total|affected|in set|экспортировано|выгружено|експортовано|вивантажено
"""
_MADE = r"""
    exported|generated|printed|created|downloaded|produced|prepared|report|export date|date of export|выгружено
    экспортировано|сформировано?|создано|отч[её]т|дата выгрузки|дата отч[её]та|распечатано|вивантажено|експортовано
    сформовано|створено|згенеровано|роздруковано|звіт|дата вивантаження|дата звіту
"""
_REMARKS = r"""
    notes?|sources?|примечани[ея]|источник|примітк[аи]|джерело
"""
_RIGHTS = r"""
    ©|\(c\)|copyright|confidential|конфиденциально|конфіденційно
"""
_PAGE = r"""
    page|страница|стр\.?|сторінка|стор\.?|seite
"""
_ENDS = r"""
    end of (?:file|report|list)|конец (?:отч[её]та|списка|файла)|кінець (?:звіту|списку|файлу)
"""
_NUMBER = r"\d[\d \u00a0.,]*"


def _any(words: str) -> str:
    return f"(?:{'|'.join(line.strip() for line in words.strip().splitlines())})"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


_THING, _END = _any(_THINGS), r"[ :=.–—-]*"
HEADING = _pattern(rf"(?<!\w){_any(_FIELDS)}(?!\w)")
#: A cell that says that a sum or count follows, with it or without ("Total", "Всего записей: 25").
TOTAL = _pattern(
    rf"(?:{_any(_TOTALS)}(?: (?:по|за) [\w ]+)?{_END}(?:{_NUMBER} ?{_THING}?|{_THING}[ :=]*(?:{_NUMBER})?)?"
    rf"|{_THING}{_END[:-1]}+{_NUMBER})"
)
#: A whole line that counts rows or pages ("(25 rows)", "Page 1 of 3"), or ends a report.
COUNT = _pattern(
    rf"[(\[]?{_NUMBER} {_THING}(?: {_any(_DONE)})?[)\].]?"
    rf"|{_any(_PAGE)} \d+(?: ?(?:/|of|из|з|von) ?\d+)?|{_any(_ENDS)}\W*"
)
#: A whole line that says who made a report and when, or remarks on it.
REMARK = _pattern(
    rf"{_any(_MADE)}(?: (?:by|on|at|from|в|из|від|з|у|по|за)\b|[ :]*\d|:).*"
    rf"|{_any(_REMARKS)} ?:.*|\*+ ?\w.*|{_any(_RIGHTS)}(?!\w).*"
)
