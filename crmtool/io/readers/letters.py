"""How likely letters follow one another, by family of languages: what tells the code pages of old text files apart.

Learned, when first needed, from the words below: names, places and words as lists of contacts have them. To teach it
more, add words; to add a family, a line in `WORDS` and its code pages in `encodings.PAGES`.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EDGE = " "  # stands for whatever is no letter

WORDS = {
    "cyrillic": """
        александр алексей максим михаил артём иван роман егор илья кирилл никита павел пётр денис евгений николай
        виктор олег вячеслав станислав константин григорий борис василий геннадий леонид тимур руслан эдуард юлия
        мария дарья анастасия ирина елена светлана людмила галина валентина надежда вера любовь лариса алла ксения
        полина вероника кристина маргарита зинаида нина алина диана рустам ильдар айгуль гульнара зульфия шамиль
        александрович алексеевич михайлович иванович николаевич викторович геннадьевич ильич юрьевич игоревич
        александровна алексеевна михайловна ивановна николаевна викторовна геннадьевна ильинична юрьевна игоревна
        васильев волков морозов новиков фёдоров соловьёв лебедев козлов степанов орлов макаров захаров зайцев
        борисова яковлева григорьева романова воробьёва сергеева королёва герасимова пономарёва афанасьева быкова
        белоусов журавлёв филиппов мартынов жуков крылов белый грозный жданов мышкин пушкарь хохлов царёв шишкин
        достоевский чайковский островский высоцкий раевский шаляпина чехов эренбург юшкевич ямщиков щукин цыганков
        гаджиев алиев мамедов ахметов сулейманов каримов гарипова валиева исмаилов рахимов назарбаев ибрагимова
        россия украина беларусь казахстан новосибирск самара омск челябинск ростов на дону красноярск воронеж пермь
        волгоград краснодар саратов тюмень барнаул ижевск иркутск хабаровск ярославль владивосток махачкала томск
        оренбург кемерово рязань астрахань пенза липецк киров чебоксары калининград тула курск ставрополь сочи
        область край республика район город посёлок деревня улица проспект переулок площадь набережная шоссе дом
        корпус строение и в с к о у я а квартира офис индекс имя фамилия отчество телефон мобильный рабочий почта
        домашний адрес
        компания организация должность дата рождения комментарий примечание источник статус заказ договор счёт
        покупатель поставщик сотрудник начальник заместитель генеральный главный ведущий специалист инженер врач
        юрист учитель продажи закупки логистика общество с ограниченной ответственностью акционерное предприятие
        индивидуальный предприниматель торговый строительный центр завод группа компаний не отвечает звонить после
        обеда просил прислать предложение интересует цена скидка да нет это что как так его она они быть мы вы было
        все есть для при или уже только если когда чтобы очень можно нужно хочет сказал день год время человек
        дмитрук олена тетяна ірина світлана вікторія катерина людмила михайло віктор володимир василь іван сергій
        юрій олег роман тарас богдан назар остап степан петро павло григорій василина богдана соломія мар'яна надія
        лілія алла єлизавета артем данило матвій тимофій кирило вадим руслан едуард геннадій валерій віталій
        іванович петрович михайлович васильович олександрович володимирович сергійович андрійович юрійович григорович
        іванівна петрівна михайлівна василівна олександрівна володимирівна сергіївна андріївна юріївна григорівна
        бойко ткаченко кравченко марченко савченко павленко петренко іваненко руденко захарченко пилипенко
        мороз поліщук клименко левченко костенко кузьменко стельмах панченко зінченко гончар ковальчук романюк
        яковенко прокопенко литвиненко хоменко терещенко тимошенко пономаренко шевчук гаврилюк сидоренко дячук
        ярошенко бабенко бондаренко мельничук назаренко тищенко дяченко кириленко швець жук заєць вовк чорнобай
        україна київська область місто село вулиця провулок площа бульвар район будинок квартира поверх під'їзд
        дніпро вінниця полтава черкаси хмельницький чернігів тернопіль луцьк миколаїв херсон кременчук біла церква
        маріуполь мелітополь бердянськ кам'янець подільський дрогобич мукачево умань ніжин конотоп краматорськ
        ім'я прізвище по батькові номер телефону електронна пошта адреса підприємство товариство з обмеженою
        відповідальністю фізична особа підприємець посада головний спеціаліст інженер лікар юрист вчитель продажі
        закупівлі логістика і у в з а є замовлення договір рахунок покупець постачальник працівник заступник
        генеральний не відповідає дзвонити після обіду просив надіслати пропозицію цікавить ціна знижка так ні це що
        як його вона вони бути ми ви було всі є для або вже тільки якщо коли щоб дуже можна треба хоче
        сказав день рік час
        євгенія євдокія єва єгор єрмак єфим європа єдність є ґанок ґрунт ґалаґан ґедзь дзиґа їдальня їхній їздити
        їхати її їм їх об'єкт з'їзд сьогодні вересень жовтень січень лютий березень квітень травень червень липень
    """,
    "western": """
        grün schön für über können möchte größer straße gruß herzlich löwe vögel bücher tür mädchen käse später
        müllerin jürgens böhm krämer schäfer köhler förster lübeck göttingen tübingen saarbrücken zürich österreich
        gebäude geschäft büro führung verkäuferin händler rücksprache nächste woche bestätigt ansprechpartner
        jürg uwe björnsson åke märta göran höglund sjöberg nyström lindström bäckström ångström malmö göteborg
        örebro västerås jönköping norrköping søren jørgen bjørnstad sørensen jørgensen københavn århus ålborg
        tromsø ærø østergaard kjær gård bågø hämäläinen mäkinen pekkä jyväskylä hyvinkää järvinen väinö
        andré rené hélène éric stéphane frédéric sébastien mickaël gaël raphaël chloé inès théo léa noémie aurélie
        françoise benoît jérémy cédric rémi grégory élodie mélanie valérie véronique hervé lefèvre béranger
        guérin garçon château forêt côte dès où être même très après société générale téléphone mobile prénom
        numéro responsable département général délégué qualité étude développement marché à été déjà reçu
        josé maría jesús ángel raúl andrés sebastián martín tomás nicolás joaquín álvaro óscar rubén iván sofía
        lucía inés belén rocío begoña mónica verónica garcía gonzález rodríguez fernández martínez sánchez pérez
        gómez jiménez díaz hernández álvarez gutiérrez domínguez vázquez ramírez suárez núñez ordóñez yáñez marín
        españa méxico bogotá medellín córdoba málaga cádiz coruña logroño ibáñez compañía teléfono dirección año
        niño señor señora mañana español atención también están más día gestión información
        joão são gonçalves guimarães magalhães conceição simões antónio araújo brandão leão assunção brasília
        ção ções não então você é português niccolò città perché più già così università società qualità caffè
    """,
    "central": """
        łukasz paweł michał rafał bartłomiej błażej jędrzej stanisław mirosława wiesława bronisława elżbieta
        bożena grażyna jadwiga małgosia agnieszka świerczyńska wiśniewska dąbrowska kozłowska jabłońska
        zieliński szymański woźniak kozłowski jankowski mazurek krawczyk piotrowski grabowski pawłowski
        michalski zając wieczorek jabłoński król majewski nowicki olszewski stępień jaworski malinowski
        adamczyk dudek górski witkowski rutkowski sikora ostrowski baran szewczyk tomaszewski pietrzak
        wróblewski jasiński zawadzki bąk jakubowski sadowski duda włodarczyk chmielewski borkowski sokołowski
        szczepański sawicki kucharski lis mazur kubiak kalinowski wysocki maciejewski czarnecki kołodziej
        urbański kaźmierczak sobczak głowacki gajewski przybylski krupa ląd bydgoszcz toruń gdynia sosnowiec
        rzeszów olsztyn bielsko-biała zielona góra włocławek opole gorzów wielkopolski wałbrzych chorzów
        województwo śląskie mazowieckie małopolskie łódzkie ulica święty księża żółty źródło ćwiczenie
        spółka z ograniczoną odpowiedzialnością właścicielka kierownik księgowa sprzedaży imię nazwisko
        telefon komórkowy służbowy więcej proszę dziękuję będzie są się już też według później również
        jiří tomáš lukáš ondřej vojtěch matěj štěpán zdeněk miloš žaneta tereza kateřina lenka šárka růžena
        novák svoboda dvořák černý procházka kučera veselý horák němec pokorný hájek jelínek růžička beneš
        fiala sedláček doležal zeman kolář navrátil čermák vaněk urban blažek kříž kovář bartoš vlček
        česká plzeň brno české budějovice hradec králové ústí nad labem děčín jméno příjmení město ulice číslo
        ľubomír ľudovít žilina košice trenčín prešov bratislavský
        györgy józsef istván lászló gábor zoltán sándor mihály jános jenő erzsébet mária ágnes győr székesfehérvár
        nagy kovács tóth szabó horváth varga kiss molnár németh farkas balogh papp takács juhász szőke fülöp
        debrecen pécs szeged miskolc város utca út cégnév vezető köszönöm
    """,
}
_SIGNS = "«»№–—“”„‘’…·°§€™®©\u00a0"
_SIGN, _FOREIGN, _STRANGE = 0.003, 0.00002, 0.000001  # a usual sign, a letter of another family, the rest
_CLOSING = "»”’…°§€™®©·–—"  # hardly ever stand right before a word
_MIXED, _CLOSED, _ALONE = 0.02, log(0.03), log(0.05)
_INNER, _SHRINKS = log(0.003), log(0.03)  # a capital after a small letter, a small one after two capitals


@cache
def followers(family: str) -> Mapping[str, float]:
    """Return the log likelihood of a pair of characters (the second after the first) and of single ones.

    Letters are small ones; `EDGE` is the border of a word. What is not in the words has its letter's likelihood.
    """
    text = EDGE.join(WORDS[family].split()) + EDGE
    single, pairs = Counter(text), Counter(pairwise(text))
    total = len(text)
    alone = {letter: number / total for letter, number in single.items()}
    return {letter: log(share) for letter, share in alone.items()} | {
        first + second: log(0.85 * pairs[first, second] / single[first] + 0.15 * alone[second])
        for first in single
        for second in single
    }


@cache
def _words(family: str) -> frozenset[str]:
    return frozenset(WORDS[family].split())


def likelihood(before: str, first: str, second: str, family: str) -> float:
    """Return the log likelihood of the second of two neighbours, of which one is not ASCII, after another character."""
    known = followers(family)
    one, two = (letter if len(letter := each.lower()) == 1 else EDGE for each in (first, second))
    one, two = (each if each.isalpha() else EDGE for each in (one, two))
    if two == EDGE:
        ended = known.get(one + EDGE, known[EDGE]) if one > "\x7f" else 0.0
        ended += _ALONE if one > "\x7f" and not before.isalpha() and one not in _words(family) else 0.0
        return ended + (log(_SIGN if second in _SIGNS else _STRANGE) if second > "\x7f" else 0.0)
    case = _CLOSED if first in _CLOSING and not (first in "’'" and before.isalpha()) else 0.0
    case += _INNER if first.islower() and second.isupper() else 0.0
    case += _SHRINKS if before.isupper() and first.isupper() and second.islower() else 0.0
    if (mixed := family == "cyrillic" and one != EDGE and (one > "\x7f") != (two > "\x7f")) or two not in known:
        return case + (log(_MIXED) + known.get(two, log(_FOREIGN)) if mixed else log(_FOREIGN))
    return case + known.get(one + two, known[two])
