"""How a letter greets somebody: «Уважаемая Анна Сергеевна», «Шановний Олександр», "Dear Anna".

Where the gender is not known the greeting is one that fits everybody, and without a name it names nobody. To add a
language: a line in `_FORMS` and how it is known in `_language`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import polars as pl

Language = Literal["auto", "en", "ru", "uk"]


class _Forms(NamedTuple):
    """Greetings before a name, and the one without a name."""

    male: str
    female: str
    neutral: str
    nobody: str


_FORMS = {
    "ru": _Forms("Уважаемый {}", "Уважаемая {}", "Здравствуйте, {}", "Здравствуйте"),
    "uk": _Forms("Шановний {}", "Шановна {}", "Вітаємо, {}", "Вітаємо"),
    "en": _Forms("Dear {}", "Dear {}", "Dear {}", "Hello"),
}
_UKRAINIAN = r"(?i)[іїєґ]|\p{Cyrillic}['’ʼ]\p{Cyrillic}"
_CYRILLIC = r"(?i)\p{Cyrillic}"
_NAMED = r"^\p{L}[\p{L}\p{M}'’ʼ\-. ]*$"
_ODD = (
    (r"\d|[@/\\_#*()<>\[\]{}|]", "has signs that no name has"),
    (r"^\p{L}\.?$", "is one letter"),
    (r"\p{Ll}\p{Lu}\p{Ll}", "may be two words glued together"),
    (r"^\p{Lu}{4,}$|^\p{Ll}", "is in capitals, or begins small"),
    (r"\p{Cyrillic}.*\p{Latin}|\p{Latin}.*\p{Cyrillic}", "mixes alphabets"),
    ("\ufffd|[ÐÑ][\u0080-\u00bf]|\\?{2,}", "has broken letters"),
)


def salutation(language: Language) -> pl.Expr:
    """Return the greeting of contacts (columns given_name, middle_name, family_name, gender, country, phone).

    A patronymic belongs to a Russian greeting; other languages greet by the given name. Companies, and names that do
    not look like names, are greeted without one.
    """
    which = _language() if language == "auto" else pl.lit(language)
    given = pl.when(pl.col("given_name").str.contains(_NAMED)).then("given_name")
    whole = pl.concat_str(given, pl.col("middle_name"), separator=" ")
    greeting = pl.lit(None, pl.String)
    for name, forms in _FORMS.items():
        called = pl.coalesce(whole, given) if name == "ru" else given
        said = (
            pl.when(called.is_null())
            .then(pl.lit(forms.nobody))
            .when(pl.col("gender") == "male")
            .then(pl.format(forms.male, called))
            .when(pl.col("gender") == "female")
            .then(pl.format(forms.female, called))
            .otherwise(pl.format(forms.neutral, called))
        )
        greeting = pl.when(which == name).then(said).otherwise(greeting)
    return greeting


def oddity() -> pl.Expr:
    """Return what is odd about a given name, null where nothing is."""
    name = pl.col("given_name")
    found = pl.lit(None, pl.String)
    for pattern, what in reversed(_ODD):
        found = pl.when(name.str.contains(pattern)).then(pl.lit(what)).otherwise(found)
    return found


def _language() -> pl.Expr:
    """Return in which language somebody is greeted: by the letters of the name, then by the country or the phone."""
    name = pl.concat_str("given_name", "middle_name", "family_name", separator=" ", ignore_nulls=True)
    ukraine = ((pl.col("country") == "UA") | pl.col("phone").str.starts_with("+380")).fill_null(value=False)
    russia = ((pl.col("country") == "RU") | pl.col("phone").str.starts_with("+79")).fill_null(value=False)
    cyrillic, nobody = name.str.contains(_CYRILLIC), name == ""
    return (
        pl.when(name.str.contains(_UKRAINIAN) | ((cyrillic | nobody) & ukraine))
        .then(pl.lit("uk"))
        .when(cyrillic | (nobody & russia))
        .then(pl.lit("ru"))
        .otherwise(pl.lit("en"))
    )
