"""Words of headings in English, Russian and Ukrainian: data for recognising a heading that is in no list.

Words stand here as stems, as `likeness.stem` makes them. To add a word: in the text it belongs to, and a heading with
it in `tests/core/imports/headings.csv`.
"""

from __future__ import annotations

#: One word for words that mean the same thing in a heading.
SAME = {
    word: concept
    for concept, words in {
        "phone": "phone telephone tel tlf телефон тел тлф",
        "email": "email mail почт пошт имейл емейл емайл мейл эмейл імейл",
        "mobile": "mobile cell cellular cellphone мобильн мобільн моб сотов сот мобилк мобілк",
        "work": "work business office рабоч раб служебн корпоративн corporate робоч роб службов",
        "home": "home домашн дом",
        "personal": "personal private личн частн особист приватн",
        "company": "company organization organisation org компани компані организаци організаці фирм фірм предприяти "
        "підприємств",
        "first": "first given",
        "last": "last family",
        "имя": "имя имен имени",
        "імя": "імя імен імені",
        "birth": "birth рождени народженн",
        "фио": "фио",
    }.items()
    for word in words.split()
}

_FILLERS = """
your you ваш вас вам твой твоя тво тебе please enter input write укажит введит напишит заполнит вкажіт введіт what
which who where is are do does the a an of for to at in on how can we i me my us мой у с в во на по для от з із та і и
к ко до о об про about как какой какая какое какие каком який яка яке якому вы ви contact контакт lead лид лід client
клиент клієнт customer покупател покупец покупц user person персон участник учасник guest гост member subscriber
подписчик підписник attendee primary main основн головн главн current текущ связ звязок звязк value значени field data
данн info live живет живете проживает находит проживаєте reach call звонит дзвонит необходим обязательн optional
required any best tell represent лиц особ работает працюєт представляет представляєт займаем займан котор котр откуд
звідк прошу просим занимаем яку котором которой label
"""
_SPARE = "second another additional alternative extra backup дополнительн додатков запасн резервн"
_WITH = {
    "phone": f"number no num номер {_SPARE}",
    "email": f"{_SPARE} address адрес электронн эл ел електронн скриньк ящик id",
    "company": "name назван наименован назв найменуванн имя імя title legal full полн повн work",
    "city": "name назван назв town",
    "country": "name назван назв",
    "region": "name назван назв",
    "name": "full полн повн",
    "address": "full полн повн",
    "given_name": "name",
    "middle_name": "name",
    "family_name": "name",
    "owner": "name имя імя фио",
    "site": "address адрес url link ссылк посиланн page страниц сторінк профил profile профіл",
    "messenger": "ник нік nick nickname username login логин логін id номер number link ссылк account аккаунт акаунт "
    "handle chat чат профил profile профіл phone",
    "birthday": "дат date",
    "postcode": "почтов поштов postal code код",
    "tax_id": "company number номер код code",
    "job_title": "company",
}
_OTHER = """
opt optin optout consent согласи згод subscribed unsubscribed подписк підписк status статус model модел марк brand
file файл document документ deal сделк угод product товар service услуг послуг campaign кампани form форм tag тип type
kind вид date дат time врем час created modified updated changed создан изменен обновлен створен змінен count quantity
количеств кількіст sum сумм amount total price цен ціна бюджет budget order заказ замовленн valid validated verified
verification провер подтвержден перевірен підтверджен bounce bounced hash source источник джерел domain домен provider
operator оператор password парол login photo фото avatar picture language язык мов timezone ip manager менеджер owner
ответственн відповідальн assistant помощник assistent secretary секретар referrer referred рекомендател spouse wife
husband супруг жен муж child children дет дит mother мам мат father отец пап батьк parent родител emergency экстренн
maiden девич дівоч previous former old прежн стар попередн предыдущ birth рождени народженн phonetic yomi sort
нормализован score rating рейтинг оценк балл level уровен version верси step шаг event событ подія meeting встреч task
задач comment комментари коментар note adset ad sender отправител receiver получател recipient driver водител director
директор бухгалтер accountant founder employee сотрудник співробітник supplier поставщик постачальник bank банк счет
рахунок card карт passport паспорт series сери invoice накладн payment оплат method способ спосіб reason причин suite
"""
_EMPTY = "column field col unnamed var value колонк столбец стовпец пол f c x кол"

#: Words that change nothing: politeness, questions, and that it is about the contact.
FILLERS = frozenset(_FILLERS.split())

#: Words that go with the values of one field and change nothing there: the "number" of a phone.
WITH = {name: frozenset(words.split()) for name, words in _WITH.items()}

#: With one of these a heading speaks of something else than the contact's own value: of another person, another thing,
#: or of what was done with the value.
OTHER = frozenset(_OTHER.split())

#: A heading of nothing else says nothing: "Column 5", "Поле 2", "Unnamed: 3".
EMPTY = frozenset(_EMPTY.split())
