"""The fields a filter may ask for, what they mean, and how their values are compared.

A field of a contact is one here too. `FACETS` are those with few different values and an index of their own: a text is
looked for among the values that occur, not among the contacts, which is what makes a count over a million fast.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from crmtool.core.segments import spelling
from crmtool.core.segments.refusals import refused, shown, suggested

if TYPE_CHECKING:
    from crmtool.core.segments.context import Context
    from crmtool.core.segments.sql import Sql


class Field(NamedTuple):
    """What a field holds ("text", "day", "id" or "choice"), what that means, and a condition as an example."""

    kind: str
    meaning: str
    example: str


FIELDS: dict[str, Field] = {
    "id": Field("id", "number of the contact", "id in (7, 12)"),
    "kind": Field("choice", "person or company", "kind = 'person'"),
    "name": Field("text", "name as it is shown", "starts_with(name, 'Ів')"),
    "prefix": Field("text", "form of address", "prefix is present"),
    "given_name": Field("text", "given name", "given_name = 'Олена'"),
    "middle_name": Field("text", "middle name or patronymic", "middle_name is empty"),
    "family_name": Field("text", "family name", "family_name = 'Коваль'"),
    "suffix": Field("text", "suffix of the name", "suffix = 'PhD'"),
    "gender": Field("text", "female or male", "gender = 'female'"),
    "birthday": Field("day", "day of birth; without its year it is compared as empty", "birthday < '1990-01-01'"),
    "company": Field("text", "company they work for", "contains(company, 'ромашка')"),
    "job_title": Field("text", "job title", "contains(job_title, 'директор')"),
    "country": Field("text", "country", "country = 'UA'"),
    "region": Field("text", "region", "region is empty"),
    "city": Field("text", "city, however it was written", "city in ('Київ', 'Львів')"),
    "postcode": Field("text", "postcode", "starts_with(postcode, '01')"),
    "address": Field("text", "street and house", "address is present"),
    "tax_id": Field("text", "tax number", "tax_id is present"),
    "type": Field("text", "what they are to us", "type = 'клиент'"),
    "stage": Field("text", "stage of the work with them", "stage in ('new', 'offer')"),
    "owner": Field("text", "who of us looks after them", "owner is empty"),
    "source": Field("text", "where they came from", "source = 'website'"),
    "first_contact_on": Field("day", "day of the first contact", "first_contact_on >= days_ago(30)"),
    "note": Field("text", "note", "contains(note, 'скидка')"),
    "email": Field("text", "main e-mail address", "email is empty"),
    "phone": Field("text", "main phone number", "starts_with(phone, '+380')"),
}

FACETS = frozenset({"type", "stage", "source", "owner", "city", "region", "country"})
_TESTS = {"same": spelling.same, "inside": spelling.inside, "begins": spelling.begins}
#: What people ask for that is a function here.
_MEANT = {
    "tag": "has_tag('vip')",
    "tags": "has_tag('vip')",
    "segment": "in_segment('vip-kyiv')",
    "consent": "consent('newsletter')",
    "freshness": "freshness('email') = 'green'",
    "channel": "has('email')",
    "messenger": "has('messenger')",
    "site": "has('site')",
}
_OWN = Field("text", "a field of the workspace's own: text, number or day", "attr.nps > 8")


def known(context: Context) -> list[str]:
    """Return the names of all fields of a workspace."""
    return [*FIELDS, *sorted(context.custom)]


def about(name: str) -> Field:
    """Return what a field means."""
    return FIELDS.get(name, _OWN)


def field(node: exp.Expr, context: Context) -> str:
    """Return the name of the field at a node, "attr.NAME" for a workspace's own. Raises UsageError."""
    if not isinstance(node, exp.Column):
        where = f'"{shown(node.sql("sqlite"))}" stands where a field belongs'
        refused(where, "Write the field first: city = 'Київ'")
    name = ".".join(part.name for part in node.parts)
    found = next((n for n in (name, name.lower()) if n in FIELDS or n in context.custom), None)
    return found or refused(f'"{shown(name)}" is no field of a contact', _advice(name, known(context)))


def _advice(name: str, there_are: list[str]) -> str:
    if name.lower() in _MEANT:
        return f"Write: {_MEANT[name.lower()]}"
    return suggested(name, there_are, "crmtool segments fields")


def column(name: str) -> Sql:
    """Return the SQL of a field."""
    if name not in FIELDS:
        return "json_extract(c.custom, ?)", (f'$."{name.removeprefix("attr.")}"',)
    return f"c.{name}", ()


def matching(name: str, test: str, texts: tuple[str, ...], context: Context) -> Sql:
    """Return that the text of a field passes a test with one of some texts.

    `test` is a function of SQL over a text and a sought one: same, inside or begins. A company that was merged is found
    by the name of the one that is left too.
    """
    sql, own = column(name)
    if name not in FACETS:
        tests = " OR ".join(f"{test}({sql}, ?)" for _ in texts)
        params = tuple(param for text in texts for param in (*own, text))
        if name == "company" and (former := _former(test, texts, context)):
            tests, params = f"{tests} OR {sql} IN (SELECT value FROM json_each(?))", (*params, json.dumps(former))
        return f"({sql} IS NOT NULL AND ({tests}))", (*own, *params)  # the test of nothing costs a call of Python
    tests = " OR ".join(f"{test}(v.x, ?)" for _ in texts)
    return f"{sql} IN (SELECT v.x FROM ({occurring('contact', name, 'root_id = id AND ')}) v WHERE {tests})", texts


def _former(test: str, texts: tuple[str, ...], context: Context) -> list[str]:
    """Return the former names of companies whose name of today passes a test with one of some texts."""
    passes = _TESTS[test]
    return [old for old, now in context.renamed.items() if any(passes(now, text) for text in texts)]


def occurring(table: str, value: str, only: str = "") -> str:
    """Return the SQL of the different values of an indexed column (column x): from each one straight to the next."""
    some = f"{only}{value} IS NOT NULL"
    return (
        f"WITH RECURSIVE w(x) AS (SELECT min({value}) FROM {table} WHERE {some} UNION ALL "
        f"SELECT (SELECT min({value}) FROM {table} WHERE {some} AND {value} > w.x) FROM w WHERE w.x IS NOT NULL) "
        f"SELECT x FROM w WHERE x IS NOT NULL"
    )
