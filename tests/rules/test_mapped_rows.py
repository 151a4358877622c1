"""Invented rows of exports whose cells need more than a heading: quoted tags, days, streets, several in a cell."""

from pathlib import Path

import polars as pl

from crmtool.core.imports.cleaning import cleaned
from crmtool.core.imports.mapping import mapped
from crmtool.io import rulebook

RULES = rulebook.loaded(Path(__file__).resolve().parents[2] / "rules")
SYNONYMS = {name: vocabulary.index for name, vocabulary in RULES.vocabularies.items()}


def row(**cells):
    """Return the cleaned fields of one row, its channels as (kind, value, label), its own fields as a dictionary."""
    found = mapped(list(cells), RULES)
    table = pl.DataFrame({heading: [cell] for heading, cell in cells.items()}, schema=dict.fromkeys(cells, pl.String))
    record = cleaned(table, pl.Series([2]), found, RULES, SYNONYMS).records.row(0, named=True)
    channels = [(one["kind"], one["value"], one["label"]) for one in record["channels"] or []]
    return record | {"channels": channels, "custom": {one["field"]: one["value"] for one in record["custom"] or []}}


def test_mailchimp_quotes_its_tags_and_says_who_agreed():
    cells = {"Email Address": "ann@example.com", "MEMBER_RATING": "2", "OPTIN_TIME": "2024-02-03 04:05:06"}
    found = row(**cells, TAGS='"VIP","New blog"')
    assert found["tags"] == ["vip", "New blog"]  # as the dictionary writes it
    assert found["custom"] == {"consent.newsletter": "given", "consent.newsletter.at": "2024-02-03"}


def test_who_left_the_mailchimp_audience_agreed_to_nothing():
    cells = {"Email Address": "ann@example.com", "MEMBER_RATING": "2", "OPTIN_TIME": "2024-02-03 04:05:06"}
    found = row(**cells, UNSUB_TIME="2025-01-02 03:04:05")
    assert found["custom"] == {"consent.newsletter": "withdrawn", "consent.newsletter.at": "2025-01-02"}


def test_a_no_in_hubspot_is_no_consent():
    cells = {"Record ID": "1", "Create Date": "2024-03-12 09:14", "Email": "ann@example.com"}
    assert row(**cells, **{"Unsubscribed from all email": "false"})["custom"] == {}
    assert row(**cells, **{"Unsubscribed from all email": "true"})["custom"] == {"consent.newsletter": "withdrawn"}


def test_google_keeps_several_values_of_a_label_and_no_group_of_its_own():
    fixed = dict.fromkeys(["Phonetic First Name", "File As"])
    names = {"First Name": "Анна", "Last Name": "Лысенко", **fixed, "Labels": "* myContacts ::: Клиенты"}
    phones = {"Phone 1 - Label": "Work Fax", "Phone 1 - Value": "+380 44 555 01 02 ::: +380 44 555 01 03"}
    found = row(**names, **phones)
    assert found["tags"] == ["Клиенты"]
    assert found["channels"] == [("phone", "+380445550102", "fax"), ("phone", "+380445550103", "fax")]


def test_outlook_reads_american_days_and_joins_the_lines_of_a_street():
    names = {"First Name": "Ann", "Last Name": "Lee", "E-mail Address": "ann@example.com", "E-mail Display Name": ""}
    street = {"Business Street": "1 Main St", "Business Street 2": "Apt 2", "Home Street": "5 Elm St"}
    found = row(**names, **street, Birthday="3/7/1984", Gender="Unspecified")
    assert (found["birthday"], found["address"], found["gender"]) == ("1984-03-07", "1 Main St, Apt 2", None)
    assert row(**names, **street, Birthday="0/0/00")["birthday"] is None


def test_thunderbird_puts_a_birthday_together():
    names = {"Имя": "Анна", "Фамилия": "Лысенко", "Отображаемое имя": "", "Адрес электронной почты": ""}
    days = {"Номер сотового телефона": "", "Год рождения": "1984", "Месяц рождения": "3", "День рождения": "7"}
    assert row(**names, **days)["birthday"] == "1984-03-07"


def test_the_language_of_the_headings_is_the_country_of_the_numbers():
    assert row(ПІБ="Коваль Олена", Телефон="067 555-01-02")["channels"] == [("phone", "+380675550102", None)]
    assert row(ФИО="Лысенко Анна", Телефон="8 916 555-01-02")["channels"] == [("phone", "+79165550102", None)]
