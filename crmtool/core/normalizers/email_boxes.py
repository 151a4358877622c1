"""What the part before the @ says: a role or a person, a real mailbox or a word to fill a form.

To add a shared mailbox: `_ROLES`; a word that stands for no address: `_NONE`.
"""

from __future__ import annotations

import polars as pl

from crmtool.core.mailboxes import untagged, where

#: Local parts of mailboxes that several people read, in the languages of our users.
_ROLES = """
abuse accounting accounts admin administration administrator ads advert advertising agency all ask assistant b2b
bill billing booking bookings boss buh buhg buhgalter buhgalteria buhgalteriya bukhgalter bukhgalteria bux buyer
callcenter cantselyariya career careers cc ceo cfo chancery client clients commerce commercial company compliance
contact contacts contactus contract contracts corp cs cto customer customercare customers customerservice
customersupport dekanat delivery dev direct direktor director dispatch dispetcher dogovor dogovora donotreply
dostavka editor editorial education email enquiries enquiry event events expo export fax feedback finance finansy
fin front frontdesk general glavbuh glbuh guest hallo head headoffice hello help helpdesk hi homepage hostmaster
hotel hotline hr hrd ideas import inf info infobox infodesk inform information inbox inquiries inquiry invoice
invoices it itsupport job jobs jurist kadr kadry kanc kancelaria kancelyariya kanzler kassa kommerc kontakt
kontakty law lawyer legal letter letters lists logist logistic logistica logistics logistika mail mailbox
mailer-daemon mailing main manager managers management market marketing marketolog media member members menedzher
moderator money msg news newsletter no-reply nobody noc noreply notifications oferta office ofis ok online opt orders
order otdel otdelkadrov partner partners pay payment payments payroll personal personnel pochta podderzhka poshta post
postmaster pr press pressa priem priemka priemnaya priyemnaya priymalnya procurement prodaja prodaji prodazh prodazha
prodazhi prodazhy prodaji production project projects proposal purchase purchases purchasing pytannya reception
recruiter recruiting recruitment redaktor redaktsiya reg register registrar registratura reklama rent request
reservation reservations resume return returns rezume root sale sales salesteam secretariat secretary security
sekretar sekretariat service services servis shop site sklad snab snabgenie snabjenie snabzhenie social spam spros
staff store student students subscribe sbyt supply support svyaz teachers team tech technical techsupport tender
tenders ticket tickets tour tours trade training travel uchet usenet usluga uslugi vacancies vacancy vacansii vakansii
vidkadriv viddil volunteer vopros voprosy web webmaster welcome work yurist zakaz zakazy zakup zakupka zakupki
zamovlennia zamovlennya zapis zayavka zayavki
авария админ администратор администрация бухгалтер бухгалтерия бухгалтерія відділ відділкадрів вопрос вопросы
главбух дирекция договор договора доставка заказ заказы закупки закупка закупівлі замовлення запис запись заявка
заявки инфо информация інфо інформація кадры кадри канцелярия канцелярія касса каса клиенты клієнти контакт контакты
контакти логист логистика логістика магазин маркетинг менеджер новини новости отдел отделкадров отделпродаж офис офіс
оплата опт персонал питання поддержка помощь почта пошта пресса приемная приёмная приймальня продажа продажи продажі
реклама редакция редакція резюме рекрутинг сайт сбыт связь секретар секретариат секретарь сервис сервіс склад
снабжение справка support підтримка тендер тендеры услуги юрист
"""
ROLES = frozenset(_ROLES.split())
#: Roles that stay such with a town, a country or a number behind: info-msk, sales.ua, office2.
_WITH_PLACE = r"^(?:info|sales?|office|support|zakaz|orders?|hr|buh|reception|service|shop|manager|opt|tender|mail)"
_PLACE = r"[._-]?(?:\d{1,3}|[._-](?:[a-z]{2,3}|\d{1,4}))$"

#: What people write where an address is demanded and they have none.
_NONE = (
    "no-?e?-?mail|not?[._-]?e-?mail|no[._-]?mail|without[._-]?e?mail|net[._-]?pochty|netpochti|nemaje?|nemae|"
    "bez[._-]?pochty|none|nothing|нет|немає|нетпочты"
)
#: Words that say nothing where a mailbox and its domain are both such a word: test@test.ru, asdf@qwe.com.
_FILLERS = """
test tests tester testing temp demo sample example user username name email mail no none nomail noemail not nothing null
na asd asdf asdfg asdfgh qwe qwer qwert qwerty zxc zxcv abc abcd aaa aaaa bbb xxx xyz foo bar zzz 123 1234 12345 123456
111 1111 000 net нет немає тест ааа йцукен фыва имя почта пошта мейл
"""
MADE_UP = frozenset(_FILLERS.split())
#: Those that are names of real services, or are told in another way.
_REAL = frozenset(("mail", "email", "example", "net"))


def kinds(locals_: pl.Series, roles: frozenset[str]) -> pl.Series:
    """Return "role" for a mailbox that several people read, else "personal"; what follows a plus says nothing."""
    box = untagged(locals_)
    shared = box.is_in(list(roles)) | box.str.contains(_WITH_PLACE + _PLACE)
    joined = where(box, box.str.contains("[._-]"), lambda some: some.str.replace_all("[._-]", ""))
    dashed = where(box, box.str.contains("[._]"), lambda some: some.str.replace_all("[._]", "-"))
    shared = shared | joined.is_in(list(roles)) | dashed.is_in(list(roles))
    return pl.select(pl.when(shared).then(pl.lit("role")).otherwise(pl.lit("personal"))).to_series()


def made_up(locals_: pl.Series, domains: pl.Series) -> pl.Series:
    """Tell whether an address stands where there is none: no-email@mail.ru, test@test.ru, a@a.a."""
    word = locals_.is_in(list(MADE_UP)).fill_null(value=False)
    name = where(domains, word, lambda some: some.str.extract(r"^([^.]+)"))
    both = word & name.is_in(list(MADE_UP - _REAL))
    letter = (locals_.str.len_chars() == 1) & (domains.str.slice(1, 1) == ".")
    letter = letter & (domains.str.head(1) == locals_) & (domains.str.slice(2) == locals_)
    none = locals_.str.contains(rf"^(?:{_NONE})$")
    return both.fill_null(value=False) | letter.fill_null(value=False) | none.fill_null(value=False)
