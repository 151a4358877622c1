"""E-mail addresses: cells, repairs, syntax against the library, what is known of a mailbox, the law."""

import polars as pl
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmtool.core.normalizers.email import email
from crmtool.core.normalizers.registry import Settings

SETTINGS = Settings(email_typos={"gmial.com": "gmail.com"}, placeholders=frozenset({"нет"}))


def answer(*values, rules=SETTINGS):
    return email(pl.Series(values, dtype=pl.String), rules)


def one(value, rules=SETTINGS):
    return answer(value, rules=rules).row(0, named=True)


@pytest.mark.parametrize(
    ("written", "addresses"),
    [
        ("IVAN@Mail.RU", ["ivan@mail.ru"]),
        ("mailto:ivan@mail.ru", ["ivan@mail.ru"]),
        ("mailto:ivan@mail.ru?subject=Hello", ["ivan@mail.ru"]),
        ('<a href="mailto:ivan@mail.ru">ivan@mail.ru</a>', ["ivan@mail.ru"]),
        ("Иван Петров <ivan@mail.ru>", ["ivan@mail.ru"]),
        ('"Петров, Иван" <ivan@mail.ru>, b@mail.ru', ["ivan@mail.ru", "b@mail.ru"]),
        ("Петров, Иван <ivan@mail.ru>", ["ivan@mail.ru"]),
        ('"ivan@mail.ru" <ivan@mail.ru>', ["ivan@mail.ru"]),
        ('"ivan"@mail.ru', ["ivan@mail.ru"]),
        ("a@b.ru, c@d.ru; e@f.ru", ["a@b.ru", "c@d.ru", "e@f.ru"]),
        ("a@b.ru, A@b.ru", ["a@b.ru"]),
        ("a@b.ru c@d.ru e@f.ru", ["a@b.ru", "c@d.ru", "e@f.ru"]),
        ("a@b.ru/c@d.ru", ["a@b.ru", "c@d.ru"]),
        ("a@b.ru и c@d.ru", ["a@b.ru", "c@d.ru"]),
        ("a@b.ru\nc@d.ru", ["a@b.ru", "c@d.ru"]),
        ("ivan @ mail.ru", ["ivan@mail.ru"]),
        ("Почта: ivan@mail.ru (личная)", ["ivan@mail.ru"]),
        ("E-mail ivan@mail.ru", ["ivan@mail.ru"]),
        ("раб. a@b.ru, дом. c@d.ru", ["a@b.ru", "c@d.ru"]),
        ("info@firm.example", ["info@firm.example"]),
        ("foo@bücher.example", ["foo@bücher.example"]),
        ("foo@xn--bcher-kva.example", ["foo@bücher.example"]),
        ("иван@почта.рф", ["иван@почта.рф"]),
    ],
)
def test_addresses_of_a_cell(written, addresses):
    found = answer(written)
    assert found["clean"].to_list() == addresses
    assert found["seq"].to_list() == list(range(len(addresses)))
    assert found["code"].null_count() == len(addresses)


@pytest.mark.parametrize(
    "written",
    ["ivan petrov@mail.ru", "ivan", ".van@mail.ru", "a@localhost", "a@b@c.ru", "http://mail.ru", f"{'a' * 65}@b.ru"],
)
def test_what_is_no_address_is_refused(written):
    row = one(written)
    assert (row["clean"], row["code"], row["status"]) == (None, "email.invalid", "invalid")


def test_a_word_beside_an_address_is_refused_alone():
    assert answer("a@b.ru; ivan")["code"].to_list() == [None, "email.invalid"]


@pytest.mark.parametrize(
    ("written", "likely"),
    [
        ("ivan.@mail.ru", "ivan@mail.ru"),
        ("ivan..petrov@mail.ru", "ivan.petrov@mail.ru"),
        ("ivan,petrov@mail.ru", "ivan.petrov@mail.ru"),
        ("ivan@#gmail.com", "ivan@gmail.com"),
        ("ivan@gmailcom", "ivan@gmail.com"),
        ("ivanovgmail.com", "ivanov@gmail.com"),
    ],
)
def test_a_broken_address_is_refused_with_a_suggestion(written, likely):
    row = one(written)
    assert (row["clean"], row["code"], row["suggestion"]) == (None, "email.broken", likely)


@pytest.mark.parametrize(
    ("written", "repaired"),
    [
        ("ivаn@mаil.ru", "ivan@mail.ru"),  # Cyrillic а
        ("IVАN@MAIL.RU", "ivan@mail.ru"),  # Cyrillic А
        ("оса@mail.ru", "oca@mail.ru"),  # Cyrillic throughout, before a Latin domain
        ("ivan@mail.сом", "ivan@mail.com"),
        ("ivan@mail.ру", "ivan@mail.ru"),  # Paraguay by its look, Russia by its sound
        ("ivan@mail.ru.", "ivan@mail.ru"),
        ("(ivan@mail.ru)", "ivan@mail.ru"),
        ("ivan@mail..ru", "ivan@mail.ru"),
        ("ivan@@mail.ru", "ivan@mail.ru"),
        ("ivan@mail,ru", "ivan@mail.ru"),
        ("ivan@mail ru", "ivan@mail.ru"),
        ("ivan@mail. ru", "ivan@mail.ru"),
        ("ivan (at) mail.ru", "ivan@mail.ru"),
        ("ivan[at]mail[dot]ru", "ivan@mail.ru"),
        ("ivan собака mail точка ru", "ivan@mail.ru"),
    ],
)
def test_repairs_are_reported(written, repaired):
    row = one(written)
    assert (row["clean"], row["code"], row["suggestion"]) == (repaired, "email.repaired", repaired)


def test_a_domain_of_its_own_letters_is_not_touched():
    assert answer("иван@сор.рф", "info@окна.com")["rule"].to_list() == [None, None]


def test_a_domain_that_passes_for_a_latin_one_is_shown_in_ascii():
    assert one("a@xn--80ak6aa92e.com")["clean"] == "a@xn--80ak6aa92e.com"


def test_typos_are_suggested_never_written():
    row = one("x@gmial.com")
    assert (row["clean"], row["code"], row["suggestion"]) == ("x@gmial.com", "email.typo", "x@gmail.com")
    assert (row["status"], row["disposable"]) == ("possible", False)


def test_typos_are_written_where_the_rules_say_so():
    row = one("x@gmial.com", Settings(email_typos={"gmial.com": "gmail.com"}, apply_email_typos=True))
    assert (row["clean"], row["rule"], row["code"]) == ("x@gmail.com", "email.typo", "email.repaired")
    assert row["free"]


@pytest.mark.parametrize(
    ("written", "status", "code"),
    [
        ("ivan@mail.ru", "valid", None),
        ("x@printer.local", "invalid", "email.reserved"),
        ("x@host.test", "invalid", "email.reserved"),
        ("x@example.com", "valid", "email.example"),
        ("x@firm.lan", "possible", "email.ending"),
        ("x@mailinator.com", "valid", "email.disposable"),
        ("иван@mail.ru", "possible", "email.cyrillic"),
    ],
)
def test_what_takes_no_mail_is_kept_and_told(written, status, code):
    row = one(written)
    assert (row["clean"], row["status"], row["code"]) == (written, status, code)


@pytest.mark.parametrize("written", ["test@test.ru", "asdf@asdf.com", "no-email@mail.ru", "a@a.a", "123@123.ru"])
def test_addresses_that_nobody_has_are_unknown(written):
    row = one(written)
    assert (row["clean"], row["status"], row["code"]) == (None, "unknown", "email.placeholder")


@pytest.mark.parametrize("written", ["нет", "-", "test", "asdf"])
def test_words_for_no_address_are_unknown(written):
    row = one(written)
    assert (row["clean"], row["status"], row["code"]) == (None, "unknown", "value.placeholder")


@pytest.mark.parametrize("written", ["mail@mail.ru", "a@b.ru", "testov@test-group.ru", "i@i.ua"])
def test_short_and_plain_addresses_are_no_fillers(written):
    assert one(written)["clean"] == written


def test_roles():
    boxes = ["info", "Sales+x", "infoivan", "zakaz", "office2", "info-msk", "otdel.kadrov", "ivan.sales", "бухгалтерия"]
    types = answer(*(f"{box}@a.ru" for box in boxes), "-", "a@@")["type"].to_list()
    person = {"infoivan", "ivan.sales"}
    assert types == [*("personal" if box in person else "role" for box in boxes), None, None]
    assert one("kassir@a.ru", Settings(email_roles=frozenset({"kassir"})))["type"] == "role"


def test_parts():
    row = one("Ivan.Petrov@Mail.ru")
    assert (row["local"], row["domain"], row["free"], row["disposable"]) == ("ivan.petrov", "mail.ru", True, False)
    row = one("info@завод.рф")
    assert (row["domain"], row["free"]) == ("завод.рф", False)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("i.van+shop@googlemail.com", "ivan@gmail.com"),
        ("Ivan.Petrov@ya.ru", "ivan-petrov@yandex.ru"),
        ("ivan+shop@outlook.com", "ivan@outlook.com"),
        ("ivan.petrov@mac.com", "ivan.petrov@icloud.com"),
        ("i.van+shop@firm.ru", "i.van+shop@firm.ru"),  # nobody told us what this server does
        ("+shop@gmail.com", "+shop@gmail.com"),
        ("ivan@почта.рф", "ivan@xn--80a1acny.xn--p1ai"),
    ],
)
def test_one_spelling_for_all_of_a_mailbox(written, same):
    assert one(written)["canonical"] == same


def test_a_huge_cell_takes_no_time():
    for text in (
        "@" * 19_000,
        "<" * 19_000,
        ".,-" * 6_000 + "@",
        "а" * 19_000 + "1",
        "a@b " * 4_000,
        "(" * 19_000 + "@",
    ):
        assert answer(text).height >= 1


WORDS = st.text(alphabet="abZ9.-_+'!яаéß\u0301xn", min_size=1, max_size=8)
_TAKEN = {None, "email.ending", "email.cyrillic", "email.typo"}


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.tuples(WORDS, WORDS, st.sampled_from(["ru", "рф", "c", "example", "", "x_y"])))
def test_syntax_is_that_of_the_library(parts):
    address = f"{parts[0]}@{parts[1]}.{parts[2]}"
    found = one(address)
    if found["code"] == "email.repaired" or found["rule"] == "email.letters":
        address = found["clean"]
    try:
        valid = validate_email(address.lower(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        assert found["clean"] is None
    else:
        assert found["code"] == "email.placeholder" or found["clean"].startswith(valid.local_part.lower() + "@")
        assert found["clean"] is None or found["clean"].partition("@")[2] in {valid.domain, valid.ascii_domain}


@settings(deadline=None)  # a shared machine is no fault of the code
@given(st.lists(st.text(alphabet="abЯаé@@. ,;<>\"'-ru\n", max_size=14), max_size=6, unique=True))
@example(["иван@почта.рф", "a@xn--80ak6aa92e.com", "ivan at mail dot ru", "E-mail: a@b.ru/c@d.ru (и)"])
def test_cleaning_twice_is_cleaning_once(values):
    once = answer(*values).drop_nulls("clean").unique("clean", maintain_order=True)
    again = answer(*once["clean"])
    assert again["clean"].to_list() == once["clean"].to_list()
    assert again["rule"].null_count() == again.height
    for part in ("local", "domain", "canonical", "type"):
        assert again[part].to_list() == once[part].to_list()
