"""What invented people are called, and how they write: one `Land` each for Russian, Ukrainian and English lists.

To add a way of writing something: one more option in its line. Every generated file changes with it.
"""

from __future__ import annotations

from dataclasses import dataclass

Options = tuple[str, ...]
Pair = tuple[Options, Options]  # of men, of women


@dataclass(frozen=True)
class Land:
    """Names, places and spellings of one land."""

    country: str  # code for calls from abroad
    codes: Options  # what a mobile number begins with
    digits: int  # how many digits follow
    phones: Options  # ways to write a number: c is its code, then three groups
    given: Pair
    family: Pair  # the name of a man, and of a woman of the same family
    middle: Pair  # empty where there is none
    cities: tuple[Options, ...]  # spellings of each city
    firm_words: Options
    firms: Options  # what stands around the name of a firm
    jobs: Options


def _words(text: str) -> Options:
    return tuple(text.split())


def _declined(text: str) -> Pair:
    """Return family names that take an "а" for women."""
    return _words(text), tuple(f"{word}а" for word in text.split())


def _alike(text: str) -> Pair:
    """Return family names that are the same for both."""
    return _words(text), _words(text)


def _patronymics(text: str, woman: str) -> Pair:
    """Return patronymics of men, and of women by their ending."""
    return _words(text), tuple(word[:-2] + woman for word in text.split())


FIRM_WORDS = _words("""
    Альфа Берег Вектор Гранит Дельта Заря Исток Калина Лидер Маяк Нива Орбита Парус Ромашка Сфера Тополь Уют Факел Холм
    Центр Эталон Юпитер Якорь
""")

RUSSIAN = Land(
    country="7",
    codes=("903", "905", "909", "910", "912", "915", "916", "917", "921", "925", "926", "927", "950", "961", "985"),
    digits=7,
    phones=(
        "+7 {c} {a}-{b}-{d}",
        "8 ({c}) {a}-{b}-{d}",
        "8{c}{a}{b}{d}",
        "7{c}{a}{b}{d}",
        "+7{c}{a}{b}{d}",
        "+7({c}){a}{b}{d}",
        "8-{c}-{a}-{b}-{d}",
        "+7 ({c}) {a} {b} {d}",
        " +7 {c} {a} {b}{d} ",
    ),
    given=(
        _words("""
            Александр Алексей Анатолий Андрей Антон Артём Борис Вадим Валерий Василий Виктор Виталий Владимир Вячеслав
            Геннадий Георгий Григорий Даниил Денис Дмитрий Евгений Егор Иван Игорь Илья Кирилл Константин Леонид Максим
            Михаил Никита Николай Олег Павел Пётр Роман Руслан Семён Сергей Станислав Степан Тимур Фёдор Юрий Ярослав
        """),
        _words("""
            Алина Алла Анастасия Ангелина Анна Антонина Валентина Валерия Варвара Вера Вероника Виктория Галина Дарья
            Диана Евгения Екатерина Елена Елизавета Жанна Зинаида Зоя Инна Ирина Кристина Ксения Лариса Лидия Любовь
            Людмила Маргарита Марина Мария Надежда Наталья Нина Оксана Ольга Полина Светлана София Тамара Татьяна Юлия
        """),
    ),
    family=_declined("""
        Абрамов Аникин Афанасьев Белов Борисов Бородин Виноградов Воробьёв Голубев Громов Гусев Давыдов Егоров Ершов
        Ефимов Жуков Захаров Зимин Зуев Иванов Ильин Исаев Казаков Калинин Козлов Комаров Крылов Кузнецов Лазарев Лукин
        Макаров Малышев Марков Медведев Миронов Морозов Назаров Никитин Орлов Осипов Павлов Панкратов Петров Поляков
        Прохоров Родионов Романов Рыжков Рябов Савельев Семёнов Сидоров Смирнов Соколов Соловьёв Степанов Суворов
        Тарасов Тимофеев Титов Томин Ушаков Федотов Филатов Фомин Харитонов Хомин Цветков Чернов Шишкин Щербаков Юдин
        Яковлев Яшин
    """),
    middle=_patronymics(
        """
        Александрович Алексеевич Анатольевич Андреевич Антонович Борисович Вадимович Валерьевич Васильевич Викторович
        Витальевич Владимирович Геннадьевич Георгиевич Григорьевич Денисович Дмитриевич Евгеньевич Иванович Игоревич
        Кириллович Константинович Леонидович Максимович Михайлович Олегович Павлович Петрович Романович Семёнович
        Сергеевич Станиславович Степанович Фёдорович Юрьевич
        """,
        "на",
    ),
    cities=(
        ("Москва", "г. Москва", "Мск", "москва", "Moscow"),
        ("Санкт-Петербург", "СПб", "г. Санкт-Петербург", "Питер"),
        ("Новосибирск", "г.Новосибирск"),
        ("Екатеринбург", "Екб", "г. Екатеринбург"),
        ("Казань", "г. Казань", "КАЗАНЬ"),
        ("Нижний Новгород", "Н. Новгород"),
        ("Самара", "г. Самара"),
        ("Воронеж",),
        ("Пермь",),
        ("Краснодар", "г Краснодар"),
    ),
    firm_words=FIRM_WORDS,
    firms=('ООО "{}"', "ООО «{}»", 'АО "{}"', "ЗАО «{}»", "{}", 'Общество с ограниченной ответственностью "{}"'),
    jobs=("директор", "Главный бухгалтер", "менеджер", "инженер", "закупщик", "Юрист", "аналитик", "кладовщик"),
)

UKRAINIAN = Land(
    country="380",
    codes=("50", "63", "66", "67", "68", "73", "93", "95", "96", "97", "98", "99"),
    digits=7,
    phones=(
        "+380 {c} {a} {b} {d}",
        "380{c}{a}{b}{d}",
        "+380{c}{a}{b}{d}",
        "+38 (0{c}) {a}-{b}-{d}",
        "+380 ({c}) {a}-{b}-{d}",
        "+38 0{c} {a}{b}{d}",
    ),
    given=(
        _words("""
            Андрій Антон Богдан Василь Віктор Віталій Володимир Дмитро Євген Іван Ігор Кирило Максим Микола Михайло
            Назар Олег Олександр Олексій Остап Павло Петро Роман Сергій Степан Тарас Юрій Ярослав
        """),
        _words("""
            Алла Анна Валентина Віра Вікторія Галина Ганна Дарина Іванна Ірина Катерина Леся Лідія Людмила Марія Надія
            Наталія Оксана Олена Ольга Орися Світлана Софія Тетяна Уляна Юлія Христина Ярина
        """),
    ),
    family=_alike("""
        Бондаренко Василенко Гавриленко Демченко Дяченко Іваненко Кириленко Коваленко Кравченко Лисенко Мартиненко
        Назаренко Остапенко Павленко Петренко Романенко Савченко Сидоренко Тарасенко Ткаченко Федоренко Шевченко
        Юрченко Яременко Бойчук Гнатюк Ковальчук Кравчук Мельничук Олійник Поліщук Савчук Ткачук Бондар Коваль Мельник
        Мороз Ткач Швець Дем'яненко Мар’яненко Лук'янчук
    """),
    middle=(
        _words("""
            Андрійович Антонович Богданович Васильович Вікторович Володимирович Дмитрович Євгенович Іванович Ігорович
            Максимович Миколайович Михайлович Олегович Олександрович Павлович Петрович Романович Сергійович Тарасович
        """),
        _words("""
            Андріївна Антонівна Богданівна Василівна Вікторівна Володимирівна Дмитрівна Євгенівна Іванівна Ігорівна
            Максимівна Миколаївна Михайлівна Олегівна Олександрівна Павлівна Петрівна Романівна Сергіївна Тарасівна
        """),
    ),
    cities=(
        ("Київ", "Киев", "м. Київ", "Kyiv", "м.Київ"),
        ("Харків", "Харьков", "м. Харків"),
        ("Одеса", "Одесса"),
        ("Дніпро", "Днепр", "м. Дніпро"),
        ("Львів", "м. Львів", "Lviv"),
        ("Запоріжжя",),
        ("Вінниця",),
    ),
    firm_words=_words("Світанок Зоря Калина Криниця Обрій Веселка Мрія Джерело Вежа Лан Поділля Берегиня Сокіл Ватра"),
    firms=("ТОВ «{}»", 'ТОВ "{}"', "ПрАТ «{}»", "ПП «{}»", "{}"),
    jobs=("директор", "головний бухгалтер", "менеджер", "інженер", "Юрист", "архітектор", "підприємець"),
)

ENGLISH = Land(
    country="44",
    codes=("7400", "7401", "7402", "7500", "7501", "7700", "7701", "7800", "7812", "7890"),
    digits=6,
    phones=("+44 {c} {a}{b}{d}", "+44{c}{a}{b}{d}", "44{c}{a}{b}{d}", "+44 (0) {c} {a} {b}{d}"),
    given=(
        _words("""
            Aaron Adam Alan Brian Charles Colin David Edward Frank George Harry Ian Jack James Kevin Liam Mark Neil
            Oliver Peter Robert Simon Thomas William
        """),
        _words("""
            Abigail Alice Amy Beth Carol Chloe Diana Emily Emma Fiona Grace Hannah Isla Jane Kate Laura Lucy Megan Nora
            Olivia Rachel Sarah Tessa Zoe
        """),
    ),
    family=_alike("""
        Adams Archer Baker Barlow Bennett Brook Carter Chapman Clarke Cooper Cross Dale Dawson Dixon Ellis Farrell
        Fletcher Foster Gibson Graham Hale Harper Hayes Holt Hudson Kerr Lawson Lowe Marsh Mason McDonald Mercer Mills
        Nash O'Brien Parker Pearce Quinn Reed Sharp Slater Stone Sutton Tate Turner Vance Wade Walsh Webb Woods
    """),
    middle=((), ()),
    cities=(("London", "LONDON"), ("Manchester",), ("New York", "NYC"), ("Berlin",), ("Warsaw", "Warszawa")),
    firm_words=_words(
        "Alder Bright Cobalt Dover Ember Falcon Granite Harbour Ivory Juniper Kestrel Lantern Meadow North"
    ),
    firms=("{} Ltd", "{} Inc.", "{} LLC", "{}", '"{}" Ltd.'),
    jobs=("CEO", "Engineer", "Sales manager", "Buyer", "Analyst", "HR"),
)

LANDS = (RUSSIAN,) * 12 + (UKRAINIAN,) * 5 + (ENGLISH,) * 3

MAILBOXES = ("pochta", "poshta", "mail", "post", "inbox", "box", "letters", "web")
OWNERS = ("Олег Ветров", "Инна Лисовая", "Марк Зорин", "Вера Тихая", "Богдан Сухий", "")
TYPES = ("Клиенты", "клиент", "Партнер", "Поставщик", "Клієнт", "")
SOURCES = ("Веб-сайт", "Звонок", "Выставка", "Рекомендация", "google", "facebook", "")
TAGS = ("", "", "", "vip", "партнер", "новый, акция", "vip, опт", "архив")
NOTES = (
    "",
    "",
    "",
    "Перезвонить в среду",
    "Просил прайс, желательно с ценами",
    "Договор №{}; оплата до конца месяца",
    'Знает про акцию "{}"',
    "Дві адреси,\nуточнити",
    "asked for a quote {}",
)
NO_PHONES = ("-", "н/д", "нет", "7,916E+10", "12345", "")
NO_MAILS = ("-", "нет почты", "ivan@", "a@@b.example", "")
