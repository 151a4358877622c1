"""Names for large invented populations: family names and firms out of morphemes, short given names, transliterations.

The common names stand in `bench.people` and come first; what is made here follows them. To add morphemes: a word in its
list; a short name: a pair in its land; a way to write Cyrillic in Latin letters: a line in `SYSTEMS`.
"""

from __future__ import annotations

from bench import people

Pair = tuple[list[str], list[str]]  # of men, of women of the same families


def _words(text: str) -> list[str]:
    return text.split()


_RU_FRONTS = (
    "",
    *_words("""
    бело черно ново старо криво мало высоко золото красно сухо тихо добро мокро пол за пере под
"""),
)
_RU_ROOTS = _words("""
    бород голов берег звон клен лун мост дуб ясен озер камен ручей град гор бор луг лист ворон сокол галк гус волк
    медвед лис бобр кот кон баран козл жук комар муравь щук карп рак зерн хлеб сол мед молок квас пирог калач блин
    печн кузнец гончар плотник ткач мельник рыбак пастух стрел копь щит меч шап рукав пояс колес телег сан лод весл
    парус якор мороз снег ветр гром туч дожд туман зор вечер ноч день весн зим лет осен пятниц суббот перв трет
""")
_UK_FRONTS = (
    "",
    *_words("""
    біло чорно ново старо криво мало золото сухо тихо добро не пере під за
"""),
)
_UK_ROOTS = _words("""
    бород голов берег дзвон клен міст дуб ясен озер камін струм гай гор бор луг лист ворон сокол галк вовк ведмед
    лис бобр кот кон баран цап жук комар щук карп рак зерн хліб сіл мед молок пиріг калач млин піч ковал гончар тесл
    ткач рибал пастух стріл копит щит меч шапк рукав пояс колес віз сан човн весл вітр грім хмар дощ туман зор вечір
    весн зим літ осін п'ятниц субот перш трет гарбуз горох квас сорок горобц
""")
_EN_FRONTS = _words("""
    Alder Ash Black Brad Brook Bur Cam Chester Clif Cold Crow Dray East Elm Fair Farn Gold Green Hag Hal Hamp Hart
    Hather Hazel High Hol Kings Lang Lock Long Mar Mid Moor New Nor Oak Over Pem Rad Raven Red Rock Rush Sand Shel
    Silver Stan Swan Thorn Under Wake West Whit Wild Win Wood Yar
""")
_EN_BACKS = _words("""
    bourne bridge brook bury by combe cote croft dale den field ford gate ham hurst land ley low man mere
    more shaw stead stone ton wall ward well wick win wood worth
""")

_ACCENTED = _words("""
    Núñez Müller Björk Novák Kovács Čapek Żuk Lefèvre Gómez Brontë Håkansson Świderski Ødegård Peña
""")


def _capital(words: list[str]) -> list[str]:
    return [word[:1].upper() + word[1:] for word in dict.fromkeys(words)]


def _suffixed(fronts: list[str], roots: list[str], endings: list[tuple[str, str]]) -> Pair:
    """Return family names of men and women: every front with every root and ending, the plain fronts first."""
    words = [(front + root, man, woman) for man, woman in endings for front in fronts for root in roots]
    return _capital([word + man for word, man, _ in words]), _capital([word + woman for word, _, woman in words])


def _following(common: people.Pair, made: Pair) -> Pair:
    """Return the common names with the made ones after them, none twice."""
    known = set(common[0])
    rest = [(man, woman) for man, woman in zip(*made, strict=True) if man not in known]
    return [*common[0], *(man for man, _ in rest)], [*common[1], *(woman for _, woman in rest)]


def families(land: people.Land) -> Pair:
    """Return the family names of a land, common ones first: of men, and of women in the same order."""
    if land is people.RUSSIAN:
        endings = [("ов", "ова"), ("ин", "ина"), ("овский", "овская"), ("енко", "енко"), ("ников", "никова")]
        return _following(land.family, _suffixed(_RU_FRONTS, _RU_ROOTS, endings))
    if land is people.UKRAINIAN:
        endings = [("енко", "енко"), ("чук", "чук"), ("івський", "івська"), ("ик", "ик"), ("ець", "ець")]
        return _following(land.family, _suffixed(_UK_FRONTS, _UK_ROOTS, endings))
    made = [front + back for back in _EN_BACKS for front in _EN_FRONTS]
    common = (*_ACCENTED[::2], *land.family[0], *_ACCENTED[1::2])
    return _following((common, common), (made, made))


#: Short names and the whole name they stand for; written from common knowledge of the languages.
_SHORT_RU = """
    Александр Саша, Алексей Лёша, Анатолий Толя, Андрей Андрюха, Антон Тоша, Артём Тёма, Борис Боря, Вадим Вадик,
    Василий Вася, Виктор Витя, Виталий Виталик, Владимир Вова, Вячеслав Слава, Геннадий Гена, Георгий Гоша,
    Григорий Гриша, Даниил Даня, Дмитрий Дима, Евгений Женя, Иван Ваня, Константин Костя, Леонид Лёня, Максим Макс,
    Михаил Миша, Николай Коля, Павел Паша, Пётр Петя, Роман Рома, Семён Сёма, Сергей Серёжа, Станислав Стас,
    Степан Стёпа, Фёдор Федя, Юрий Юра, Анастасия Настя, Ангелина Геля, Анна Аня, Валентина Валя, Варвара Варя,
    Виктория Вика, Галина Галя, Дарья Даша, Евгения Женя, Екатерина Катя, Елена Лена, Елизавета Лиза, Зинаида Зина,
    Ирина Ира, Кристина Кристи, Ксения Ксюша, Лариса Лара, Лидия Лида, Любовь Люба, Людмила Люда, Маргарита Рита,
    Мария Маша, Надежда Надя, Наталья Наташа, Ольга Оля, Светлана Света, София Соня, Тамара Тома, Татьяна Таня, Юлия Юля
"""
_SHORT_UK = """
    Володимир Вова, Дмитро Діма, Євген Женя, Іван Івась, Кирило Кирик, Максим Макс, Микола Коля, Михайло Мишко,
    Олександр Сашко, Олексій Льоша, Павло Павлик, Петро Петрик, Роман Ромко, Сергій Сергійко, Степан Стьопа,
    Юрій Юрко, Ярослав Славко, Василь Васько, Андрій Андрійко, Валентина Валя, Вікторія Віка, Галина Галя,
    Ганна Ганнуся, Катерина Катя, Людмила Люда, Марія Марічка, Надія Надійка, Наталія Наталка, Олена Оленка, Ольга Оля,
    Світлана Світланка, Софія Соня, Тетяна Таня, Юлія Юля, Христина Христя
"""
_SHORT_EN = """
    Charles Charlie, David Dave, Edward Ted, Frank Frankie, James Jim, Kevin Kev, Oliver Ollie, Peter Pete, Robert Bob,
    Simon Si, Thomas Tom, William Bill, Abigail Abby, Alice Ally, Diana Di, Emily Em, Hannah Nan, Kate Kitty,
    Megan Meg, Olivia Liv, Rachel Rach, Sarah Sally, Tessa Tess
"""


def _paired(text: str) -> dict[str, str]:
    return dict(entry.split() for entry in text.replace("\n", " ").split(","))


SHORT = {"7": _paired(_SHORT_RU), "380": _paired(_SHORT_UK), "44": _paired(_SHORT_EN)}

_PLAIN = dict(zip("абвгдезиклмнопрстуф", "abvgdeziklmnoprstuf", strict=True))
_PLAIN |= {"ж": "zh", "ч": "ch", "ш": "sh", "ь": "", "'": "", "’": "", "ґ": "g"}


def _letters(text: str) -> dict[str, str]:
    """Return a table from "letter latin" pairs over the plain letters; capitals too."""
    small = _PLAIN | {pair[0]: pair[1:] for pair in text.split()}
    return small | {letter.upper(): latin.capitalize() for letter, latin in small.items() if letter.isalpha()}


#: How people write Cyrillic in Latin letters: passports, atlases, and as it comes.
SYSTEMS = {
    "7": (
        _letters("ёe йi хkh цts щshch ъie ыy эe юiu яia"),
        _letters("ёyo йy хkh цts щshch ъ ыy эe юyu яya"),
        _letters("ёjo йj хh цc щsch ъ ыy эe юju яja"),
    ),
    "380": (
        _letters("гh єie иy іi їi йi хkh цts щshch юiu яia"),
        _letters("гh єye иy іi їyi йy хkh цts щshch юyu яya"),
        _letters("гg єje иi іi їji йj хh цc щsch юju яja"),
    ),
}

_FIRM_PARTS = _words("""
    Строй Тех Агро Транс Мед Пром Энерго Торг Инвест Эко Био Гео Авто Метал Хим Монтаж Снаб Лес Свет Юг
""")
_FIRM_ENDS = _words("""
    Сервис Групп Проект Центр Логистик Партнер Ресурс Маркет Комплект Союз Система Альянс Экспорт Импорт
""")
_UK_PARTS = _words("""
    Буд Тех Агро Транс Мед Пром Енерго Торг Інвест Еко Біо Гео Авто Метал Хім Монтаж Постач Ліс Світ Схід
""")
_UK_ENDS = _words("""
    Сервіс Груп Проект Центр Логістик Партнер Ресурс Маркет Комплект Союз Система Альянс Експорт Імпорт
""")
_EN_PARTS = _words("""
    Build Tech Agri Trans Medi Energo Trade Invest Eco Bio Geo Auto Metal Chem Fit Supply Wood Light
""")
_EN_ENDS = [
    f" {word}"
    for word in _words("""
    Services Group Design Centre Logistics Partners Resources Markets Systems Alliance Export
""")
]


def firms(land: people.Land) -> list[str]:
    """Return names of firms of a land, without what stands around them."""
    ends = {"7": (_FIRM_PARTS, _FIRM_ENDS), "380": (_UK_PARTS, _UK_ENDS), "44": (_EN_PARTS, _EN_ENDS)}
    parts, tails = ends[land.country]
    made = [f"{part}{tail}" for part in parts for tail in tails]
    pairs = [f"{word} {other}" for word in land.firm_words for other in land.firm_words if word != other]
    return pairs + made + [f"{word} {name}" for name in made for word in land.firm_words]


def patronymic_of(land: people.Land) -> dict[str, str]:
    """Return for each given name of men the patronymic of his sons, where the land has one."""
    found = {}
    for name in land.given[0]:
        stem = name.replace("ё", "е")[: max(3, len(name) - 1)]
        fitting = [middle for middle in land.middle[0] if middle.replace("ё", "е").startswith(stem)]
        found |= {name: fitting[0]} if fitting else {}
    return found
