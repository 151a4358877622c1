"""Words around names: titles, degrees, particles, legal forms, words of no name; data for `name_words`.

Lower case, ё written as е, without full stops. To add a word: in its list. Source: common knowledge of the languages.
"""

from __future__ import annotations

_TITLES = """
dr prof professor doctor doc mr mrs ms miss mx madam mme lady lord baron baroness
countess duchess viscount cardinal archbishop bishop deacon rabbi imam
sheikh rev reverend pastor hon honourable honorable excellency highness majesty judge justice magistrate attorney mag
sgt sergeant cpl corporal pvt lt lieutenant ltc capt captain cmdr commander maj major col colonel gen general
adm admiral brig brigadier president chancellor senator sen rep representative congressman governor gov mayor
minister ambassador
secretary dean provost coach chairman herr frau signor signora senor senora
pan pani
господин госпожа г-н г-жа гн гжа гр гражданин гражданка товарищ пан пані пани панна добродій добродійка пане
уважаемый уважаемая шановний шановна
д-р др доктор проф профессор професор акад академик академік доц доцент адвокат нотариус нотаріус отче
ген генерал полк полковник подполковник підполковник майор капитан капітан лейтенант
"""
_FORENAME_TITLES = "king queen prince princess sir dame pope father fr sister brother отец мать"
#: Words that belong to the title which follows them: Rt Hon, US Magistrate Judge, His Excellency.
_QUALIFIERS = """
the us uk his her rt right most very chief vice deputy assistant associate acting supreme former
заслуженный заслужений народный народний старший молодший младший
"""
_SUFFIXES = """
jr sr ii iii iv vi vii viii ix junior senior esq esquire
md mbchb mbbs dds dmd dvm od do pharmd psyd phd dphil edd scd llm llb jd mba emba mph mpa msc bsc msw mfa bfa rn lpn np
pa-c pe peng pmp cpa cfa cfp clu chfc lutc cissp acca aca fca cima frsa frs frcs facs faia aia obe mbe cbe kbe dbe gbe
qc kc mp mep msp usn usmc usaf ret csm cphr phr sphr fcca fcpa med msed msced beng meng
мл ст младший старший молодший
"""
_PARTICLES = """
von vom zum zur zu van der den ten ter te de del della dell delle dello di da do dos das du des la le el al bin binti
ibn abu af av mac st san santa
фон цу ван дер ден тер де дель делла ди да дю ду дос ла ле эль аль бин бен ибн абу мак сан
"""
_JOINING = "and or of the for und et или и та і й або &"
_SON_OF = "оглы оглу огли угли улы уулу ұлы ogly oglu oglı ugli uly uulu"
_DAUGHTER_OF = "кызы кизи гызы қызы qizi qızı kyzy kizi gyzy"

#: Forms of a patronymic that are as often a family name.
_BOTH = """
абрамович адамович богданович гаврилович давидович данилович захарович зиновьевич климович леонович лукашевич мартинович
матусевич мицкевич романович стефанович сташевич тимофеевич якубович юревич юркевич
"""
#: East Asian family names, which stand first at home and last abroad.
_EAST = """
nguyen tran pham hoang phan vo dang bui duong wang zhang liu chen yang huang zhao zhou xu sun zhu guo gao zheng xie
cao xiao kim park choi jung kang cho yoon jang lim han shin seo kwon tanaka suzuki sato takahashi watanabe yamamoto
"""
#: Words that show that a cell holds a remark, a role or a test, not a name; one is enough.
_NO_NAME = """
not call customer client office reception support sales info admin manager director department wrong number delete
duplicate spam blocked unsubscribe unsubscribed contact company hotline
не звонить звоните дзвонити беспокоить турбувати писать писати удалить видалити дубль дублікат клиент клієнт клиентка
менеджер директор бухгалтер бухгалтерия бухгалтерія секретарь секретар приемная приймальня офис офіс отдел відділ
склад магазин охрана охорона водитель водій курьер кур'єр сантехник электрик такси таксі доставка ремонт
номер телефон тел моб факс почта пошта спам черный список умер умерла помер померла уволен уволена звільнений
звільнена работает працює
"""
#: Words of which a placeholder consists, in any number.
_NOBODY = """
test tester testing testovich testov testova user username name firstname lastname surname first last name asdf asdfgh
qwerty qwert asd qwe zxcv foo bar foobar anonymous anonym nobody noname unnamed guest unknown
тест тестов тестова тестович тестовна тестовый тестовая тестовий тестова тестівна тестенко тестер проба пробный
имя фамилия отчество фио ім'я прізвище побатькові піб имярек аноним анонім анонимно безымянный никто ніхто
пользователь користувач гость неизвестный йцукен йцук фыва фывап ывап ячсм фівап
"""
_LEGAL = """
ооо оао зао пао ао нао тоо одо чуп чп ип кфх снт тсж нко ано фгуп фгбу фгбоу гуп муп мбоу мкоу гбоу гбуз мбу тов прат
пат ват зат тдв фоп пп дп кп осбб фг оао
llc ltd inc corp llp plc gmbh pty sarl srl bv oü limited incorporated corporation
"""
#: Those that are no words besides, in any case.
_LEGAL_WORDS = "llc ltd inc gmbh incorporated corporation прат ооо тов"

TITLES = frozenset(_TITLES.split())  # before a name
FORENAME_TITLES = frozenset(_FORENAME_TITLES.split())  # before a name, also a given name alone
QUALIFIERS = frozenset(_QUALIFIERS.split())  # before a title
SUFFIXES = frozenset(_SUFFIXES.split())  # behind a name
PARTICLES = frozenset(_PARTICLES.split())  # at the beginning of a family name
JOINING = frozenset(_JOINING.split())  # between names or in titles; only in small letters, as И and I are initials too
SON_OF = frozenset(_SON_OF.split())  # behind a father's name
DAUGHTER_OF = frozenset(_DAUGHTER_OF.split())
SURNAMES_LIKE_PATRONYMICS = frozenset(_BOTH.split())
EAST_ASIAN = frozenset(_EAST.split())
NO_NAME = frozenset(_NO_NAME.split())
NOBODY = frozenset(_NOBODY.split())
LEGAL_FORMS = frozenset(_LEGAL.split())
LEGAL_WORDS = frozenset(_LEGAL_WORDS.split())
