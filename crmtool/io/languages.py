"""How a report speaks: words, plurals, numbers and days in the language of its readers.

Words come from `locales/LANGUAGE.po`, read as it is: no compiled file to keep in step. What a catalogue lacks is in
English. To add a language: its catalogue, and its name in `LANGUAGES`. To add a sentence: say it in English through
`Speech.t` or `Speech.n`, and add it to every catalogue (a test tells which are missing).
"""

from __future__ import annotations

import gettext
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt

    from babel import Locale

    from crmtool.core.audits.quarters import Quarter

LANGUAGES = ("en", "ru", "uk")


@dataclass(frozen=True)
class Speech:
    """One language: its name, its words, and how it writes numbers and days."""

    language: str
    words: gettext.NullTranslations
    locale: Locale

    def t(self, message: str, **values: object) -> str:
        """Return a sentence, said in English, in this language; %(name)s stands for a value."""
        said = self.words.gettext(message)
        return said % values if values else said

    def n(self, one: str, many: str, number: int, **values: object) -> str:
        """Return a sentence about a number of things, %(n)s, in the form the number takes."""
        return self.words.ngettext(one, many, number) % {"n": self.number(number), **values}

    def field(self, name: str) -> str:
        """Return what people call a field."""
        return self.t(name.replace("_", " "))

    def number(self, value: float) -> str:
        """Return a number with its groups and marks; at most one decimal."""
        from babel.numbers import format_decimal

        return format_decimal(value, format="#,##0.#", locale=self.locale)

    def change(self, value: int) -> str:
        """Return a difference with its sign; none where nothing changed."""
        from babel.numbers import format_decimal

        return format_decimal(value, format="+#,##0;−#,##0", locale=self.locale) if value else "0"

    def share(self, part: float, whole: float) -> str:
        """Return a share in percent that never claims all or nothing where it is not; a dash where there is none."""
        from babel.numbers import format_percent

        if not whole:
            return "—"
        percent = 100 * part / whole
        if 0 < percent < 1:
            return f"<{format_percent(0.01, locale=self.locale)}"
        return format_percent(int(percent + 1e-9) / 100, locale=self.locale)

    def day(self, day: dt.date) -> str:
        """Return a day as people write it."""
        from babel.dates import format_date

        return format_date(day, format="medium", locale=self.locale)

    def quarter(self, quarter: Quarter) -> str:
        """Return a quarter as people write it."""
        from babel.dates import format_date

        return format_date(quarter.first, format="QQQQ y", locale=self.locale)


def speech(language: str) -> Speech:
    """Return how a language speaks. Raises UsageError for one there is no catalogue of."""
    if language not in LANGUAGES:
        raise UsageError(f"There is no language {language!r}.", f"There are: {', '.join(LANGUAGES)}")
    return _speech(language)


@cache
def _speech(language: str) -> Speech:
    from babel import Locale

    return Speech(language, _words(language), Locale.parse(language))


def _words(language: str) -> gettext.NullTranslations:
    """Return the words of a catalogue, compiled in memory."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    path = resources.files("crmtool.io") / "locales" / f"{language}.po"
    if not path.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(path.read_bytes()), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
