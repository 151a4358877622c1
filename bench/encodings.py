"""How often the encoding of invented lists is told rightly, beside charset-normalizer: `python bench/encodings.py`.

Each list is a table of ASCII columns in which some cells are not ASCII: one to two hundred of them. A guess is right
when the text comes out as it went in.
"""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import product

from charset_normalizer import from_bytes

from crmtool.io.readers import encodings

NAMES = {
    "ru": (
        "Анна Ольга Сергей Дмитрий Екатерина Юрий Татьяна Андрей Наталья Игорь Фёдор Эльвира Жанна Яков Владимир Семён",
        "Иванов Петрова Сидоров Кузнецова Смирнов Попова Щербаков Юдина Хабибуллин Цветкова Чернышёв Ёлкин Выгузов",
        "Москва Тверь Казань Санкт-Петербург Нижний Новгород Уфа Екатеринбург Южно-Сахалинск Ульяновск Королёв Элиста",
        "менеджер директор бухгалтер перезвонить завтра отказ постоянный клиент ООО «Ромашка» ИП №5",
    ),
    "uk": (
        "Оксана Олексій Юлія Ігор Їжак Наталія Андрій Любов Євген Ярослав Микола Ґалина В'ячеслав Софія Дмитро Зоряна",
        "Шевченко Коваленко Бондар Ткачук Кравець Олійник Лисенко Гнатюк Щербань Їзай Євтушенко Цимбалюк Мельник Ґудзь",
        "Київ Львів Одеса Харків Запоріжжя Чернівці Івано-Франківськ Кропивницький Рівне Ужгород Суми Житомир",
        "менеджер керівник бухгалтер передзвонити завтра відмова постійний клієнт ТОВ «Зоря» ФОП №7",
    ),
    "de": (
        "Jürgen Björn Günther Käthe Jörg Sören Zoë Hülya",
        "Müller Schröder Weiß Größe Jäger Königs Bäcker Fürst",
        "Köln München Düsseldorf Nürnberg Würzburg Osnabrück",
        "Geschäftsführer Verkäufer Übersetzer Straße",
    ),
    "fr": (
        "François Hélène Zoé Jérôme Gaëlle Anaïs Benoît",
        "Lefèvre Gérard Noël Château Bérénger Forêt",
        "Orléans Besançon Saint-Étienne Nîmes Évry",
        "gérant société à rappeler très intéressé déjà client",
    ),
    "es": (
        "José María Ángel Íñigo Óscar",
        "Muñoz Peña López Núñez Ibáñez",
        "Málaga Cádiz León Ávila",
        "dirección teléfono año",
    ),
    "pl": (
        "Łukasz Małgorzata Michał Agnieszka Paweł Bożena Stanisław Świętosława",
        "Kowalczyk Wójcik Wiśniewski Dąbrowski Kamiński Żak Źrebak Gołąb",
        "Łódź Kraków Gdańsk Poznań Wrocław Częstochowa Białystok Zamość",
        "właściciel księgowość sprzedaż zadzwonić później",
    ),
}
WIDE = ("utf-8", "utf-16-le", "utf-16-be", "utf-16", "utf-32")
CODES = {
    "ru": ("cp1251", "koi8-r", "cp866", "mac-cyrillic", "iso8859-5", *WIDE),
    "uk": ("cp1251", "koi8-u", "cp1125", "mac-cyrillic", "iso8859-5", *WIDE),
    "de": ("cp1252", "cp850", "cp437", "mac-roman"),
    "fr": ("cp1252", "cp850", "mac-roman"),
    "es": ("cp1252", "cp850", "cp437", "mac-roman"),
    "pl": ("cp1250", "iso8859-2", "cp852"),
}
SIZES = (1, 2, 4, 10, 50, 200)
LOOKS = (str, str.upper, str.lower)
ROUNDS = 10


def listed(language: str, count: int, chance: random.Random) -> str:
    """Return a table of which `count` cells are in the language, among rows of ASCII."""
    parts = [part.split(" ") for part in NAMES[language]]
    rows = [[f"{n}", "user", f"+7 916 555 {n:04}", f"user{n}@mail.example", "active", ""] for n in range(count + 5)]
    for _ in range(count):
        words = (
            [chance.choice(parts[0]), chance.choice(parts[1])]
            if chance.random() < 0.7
            else [chance.choice(chance.choice(parts))]
        )
        rows[chance.randrange(len(rows))][chance.choice((1, 4, 5))] = " ".join(words)
    return "id;name;phone;email;status;note\r\n" + "".join(";".join(row) + "\r\n" for row in rows)


def ours(data: bytes) -> str:
    return encodings.decoded(data, None, whole=True).utf8.decode()


def theirs(data: bytes) -> str:
    best = from_bytes(data).best()
    return str(best) if best else ""


def rivals(language: str, encoding: str, *, both: bool = True) -> dict[int, tuple[int, int, int]]:
    """Return by size: trials, ours right, theirs right."""
    chance, found = random.Random(7), defaultdict(lambda: (0, 0, 0))
    for size, look, _ in product(SIZES, LOOKS, range(ROUNDS)):
        text = look(listed(language, size, chance))
        try:
            data = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        if text.isascii():
            continue
        trials, mine, other = found[size]
        right = both and theirs(data).lstrip("\ufeff") == text
        found[size] = trials + 1, mine + (ours(data) == text), other + right
    return found


def main(*, both: bool) -> None:
    print(f"{'':16}" + "".join(f"{f'{size} cells':>14}" for size in SIZES), " (ours / charset-normalizer, per cent)")
    for language, codes in CODES.items():
        for encoding in codes:
            found = rivals(language, encoding, both=both)
            shares = [
                (100 * mine / max(1, all_), 100 * other / max(1, all_))
                for all_, mine, other in (found[s] for s in SIZES)
            ]
            print(
                f"{language} {encoding:13}" + "".join(f"{mine:7.0f} /{other:4.0f}  " for mine, other in shares),
                flush=True,
            )


if __name__ == "__main__":
    import sys

    main(both="--alone" not in sys.argv)
