"""What the columns of a journal may be: the targets of interactions and of deals, and the headings they are known by.

To add a target: a line in `INTERACTIONS` or `DEALS`, and its place in the module of that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Target(NamedTuple):
    """The kind of the values of a target, and headings it is known by in any file."""

    kind: str
    headings: tuple[str, ...] = ()


#: Whom a row is about, in either journal.
PEOPLE: Mapping[str, Target] = {
    "contact": Target("whole", ("contact id", "crmtool id", "номер контакта", "номер контакту")),
    "contact_key": Target("text", ("client id", "customer id", "user id", "requester id", "id клиента", "id клієнта")),
    "name": Target(
        "text",
        *[("name", "client", "customer", "contact", "attendee", "клиент", "контакт", "имя", "фио", "клієнт", "піб")],
    ),
    "phone": Target("phone", ("phone", "number", "телефон", "номер", "номер телефона", "номер клиента", "абонент")),
    "email": Target("email", ("email", "e-mail", "mail", "почта", "электронная почта", "ел пошта", "пошта")),
    "messenger": Target("messenger", ("messenger", "telegram", "мессенджер", "телеграм", "whatsapp", "viber")),
}

INTERACTIONS: Mapping[str, Target] = {
    **PEOPLE,
    "at": Target(
        "moment",
        (
            *("at", "when", "date and time", "datetime", "timestamp", "date time", "start", "start time", "created at"),
            *("call time", "call date", "created", "дата и время", "дата/время", "время звонка", "дата звонка"),
            *("начало", "дата та час", "час дзвінка", "дата дзвінка", "початок", "created date", "event time"),
        ),
    ),
    "date": Target("text", ("date", "day", "дата", "день")),
    "time": Target("text", ("time", "время", "час")),
    "ended": Target("moment", ("end", "end time", "ended", "окончание", "завершение", "кінець", "завершення")),
    "kind": Target("what", ("kind", "interaction", "activity", "вид", "активность")),
    "channel": Target("text", ("channel", "канал")),
    "direction": Target(
        "direction",
        *[("direction", "call type", "type of call", "направление", "тип звонка", "тип вызова", "тип дзвінка")],
    ),
    "caller": Target(
        "phone",
        (
            *("caller", "caller id", "from number", "calling number", "откуда", "кто звонил", "звонивший", "номер а"),
            *("хто дзвонив", "звідки", "ani", "src", "source number", "вызывающий", "исходящий номер"),
        ),
    ),
    "called": Target(
        "phone",
        (
            *("called", "to number", "called number", "destination", "куда", "кому звонили", "принявший", "номер б"),
            *("кому дзвонили", "куди", "dnis", "dst", "destination number", "вызываемый", "набранный номер"),
        ),
    ),
    "author": Target(
        "text",
        (
            *("author", "owner", "agent", "operator", "assignee", "employee", "сотрудник", "ответственный", "автор"),
            *("менеджер", "оператор", "співробітник", "відповідальний", "user", "manager", "host", "assigned to"),
        ),
    ),
    "seconds": Target(
        "seconds",
        (
            *("duration", "seconds", "talk time", "duration sec", "call duration", "длительность", "продолжительность"),
            *("длительность разговора", "время разговора", "тривалість", "тривалість розмови", "billsec"),
        ),
    ),
    "minutes": Target("minutes", ("minutes", "duration minutes", "минут", "хвилин", "длительность мин")),
    "subject": Target("text", ("subject", "title", "topic", "theme", "summary", "тема", "заголовок", "предмет")),
    "body": Target(
        "note",
        (
            *("body", "text", "message", "note", "comment", "description", "содержание", "текст", "сообщение"),
            *("комментарий", "описание", "примечание", "опис", "повідомлення", "коментар", "content", "notes"),
        ),
    ),
    "outcome": Target(
        "text",
        *[("outcome", "result", "status", "call status", "disposition", "статус", "результат", "итог", "підсумок")],
    ),
    "tags": Target("tags", ("tags", "labels", "теги", "метки", "мітки")),
    "next_step": Target("text", ("next step", "next action", "следующий шаг", "дальше", "наступний крок")),
    "next_on": Target(
        "day", ("next step date", "follow up", "due", "due date", "перезвонить", "дата следующего шага", "передзвонити")
    ),
    "thread": Target("text", ("thread", "conversation", "conversation id", "session id", "диалог", "діалог")),
    "attachments": Target("text", ("attachments", "вложения", "вкладення")),
    "key": Target(
        "text", ("id", "call id", "ticket id", "event id", "uid", "uniqueid", "номер обращения", "id звонка")
    ),
}

DEALS: Mapping[str, Target] = {
    **PEOPLE,
    "title": Target("text", ("title", "deal", "deal name", "order", "название", "сделка", "заказ", "угода", "назва")),
    "product": Target(
        "text", ("product", "products", "item", "items", "service", "товар", "товары", "услуга", "послуга", "продукт")
    ),
    "amount": Target(
        "money",
        (
            *("amount", "total", "sum", "price", "value", "order total", "deal amount", "сумма", "стоимость", "цена"),
            *("итого", "сума", "вартість", "ціна", "бюджет", "budget", "revenue", "оплата", "сумма сделки"),
        ),
    ),
    "currency": Target("currency", ("currency", "валюта", "currency code", "код валюты")),
    "stage": Target("stage", ("stage", "status", "deal stage", "стадия", "этап", "статус", "етап", "стадія")),
    "owner": Target(
        "text", ("owner", "deal owner", "manager", "ответственный", "менеджер", "відповідальний", "responsible")
    ),
    "opened_on": Target(
        "day",
        (
            *("created", "opened", "create date", "date created", "deal created", "дата создания", "создана"),
            *("дата створення", "order date", "date", "дата", "дата заказа", "дата замовлення", "begin date"),
        ),
    ),
    "closed_on": Target(
        "day",
        (
            *("closed", "close date", "won on", "paid", "paid at", "date paid", "purchase date", "дата закрытия"),
            *("дата оплаты", "дата покупки", "дата продажи", "дата закриття", "дата оплати", "дата покупки"),
        ),
    ),
    "key": Target(
        "text", ("id", "deal id", "order id", "order number", "номер", "номер заказа", "номер сделки", "id сделки")
    ),
}

#: Targets that a person may name beside these.
IGNORED = "ignore"
