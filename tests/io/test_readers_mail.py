import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.errors import InputRefused, UsageError
from crmtool.io.readers import files, mail_messages, mail_signatures
from crmtool.io.readers.table import Options

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def read(tmp_path):
    def read(*messages: bytes | str, **options):
        path = tmp_path / "mail"
        path.write_bytes(b"".join(each if isinstance(each, bytes) else each.encode() for each in messages))
        return files.read(path, Options(**options))

    return read


def people(found):
    return {row["E-mail"]: {name: cell for name, cell in row.items() if cell} for row in found.cells.to_dicts()}


def message(*headers: str, body: str = "Hello", start: str = "From anna@mail.example Mon Sep  7 09:15:02 2026") -> str:
    return "\n".join([start, *headers, "", body, "", ""])


FROM, TO = "From: Anna Sample <anna@mail.example>", "To: Bob <bob@mail.example>"


def test_a_row_is_a_person_and_counts_messages(read):
    found = read(
        message(FROM, TO, "Subject: First", "Date: Mon, 7 Sep 2026 12:15:00 +0300"),
        message("From: BOB@mail.example", "To: anna@mail.example", "Cc: Bob <bob@mail.example>, carl@mail.example",
                "Subject: Second", "Date: Tue, 8 Sep 2026 01:00:00 +0300"),
    )  # fmt: skip
    assert found.format == "mbox"
    assert found.rows.to_list() == [1, 2, 3]
    assert people(found)["anna@mail.example"] == {
        "Name": "Anna Sample",
        "E-mail": "anna@mail.example",
        "First message": "2026-09-07T09:15:00Z",
        "Last message": "2026-09-07T22:00:00Z",
        "Messages sent": "1",
        "Messages received": "1",
        "Last subject": "Second",
        "First in message": "1",
    }
    assert people(found)["bob@mail.example"]["Messages received"] == "2"
    assert people(found)["carl@mail.example"]["First in message"] == "2"
    assert found.findings.select("code", "suggestion").rows() == [("mail.messages", "2")]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("=?koi8-r?B?4c7OwQ==?= <a@b.example>", [("Анна", "a@b.example")]),
        ("=?windows-1251?Q?=C0=ED=ED=E0?= <a@b.example>", [("Анна", "a@b.example")]),
        ("=?utf-8?B?0JDQvdC9?= =?utf-8?B?0LA=?= <a@b.example>", [("Анна", "a@b.example")]),
        ("=?utf-8?B?0JDQvdA=?= =?utf-8?B?vdCw?= <a@b.example>", [("Анна", "a@b.example")]),
        ('"=?utf-8?B?0JDQvdC90LA=?=" <a@b.example>', [("Анна", "a@b.example")]),
        ("=?utf-8?Q?Sample,_Anna?= <a@b.example>, c@d.example", [("Sample, Anna", "a@b.example"), ("", "c@d.example")]),
        ('"Sample, Anna" <A@B.Example>', [("Sample, Anna", "a@b.example")]),
        ("Sample, Anna <a@b.example>", [("Sample, Anna", "a@b.example")]),
        ("a@b.example (Anna)", [("Anna", "a@b.example")]),
        ("team: Anna <a@b.example>, c@d.example;", [("Anna", "a@b.example"), ("", "c@d.example")]),
        ("undisclosed-recipients:;", []),
        ("'a@b.example' <a@b.example>", [("", "a@b.example")]),
        ("'Anna' <a@b.example>", [("Anna", "a@b.example")]),
        ("a@b.example c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("=?no-such-code?B?4c7OwQ==?= <a@b.example>", [("Анна", "a@b.example")]),
        ("=?utf-8?B?b?= <a@b.example>", [("=?utf-8?B?b?=", "a@b.example")]),
        ("nobody", []),
    ],
)
def test_people_in_a_header(header, expected):
    assert mail_messages.addresses(header) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-r"])
def test_names_in_raw_bytes_are_read(read, encoding):
    text = message("From: Анна Петрова <anna@mail.example>", TO, f"Content-Type: text/plain; charset={encoding}")
    assert people(read(text.encode(encoding)))["anna@mail.example"]["Name"] == "Анна Петрова"


def test_the_most_frequent_name_wins_and_the_others_are_kept(read):
    found = read(
        message("From: Annie <anna@mail.example>", TO),
        message("From: bob@mail.example", "To: Anna S <anna@mail.example>"),
        message("From: bob@mail.example", "To: Anna S <anna@mail.example>, Anya <anna@mail.example>"),
    )
    anna = people(found)["anna@mail.example"]
    assert (anna["Name"], anna["Other names"]) == ("Anna S", "Annie; Anya")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_from_inside_a_letter_begins_no_message(read, end):
    body = "From Monday on we are open.\nTel: +7 495 000-00-00\n\nFrom the station it is near.\n>From here too."
    found = read(message(FROM, TO, body=body).replace("\n", end), message("From: c@d.example", TO).replace("\n", end))
    assert found.findings["suggestion"].to_list() == ["2"]
    assert set(people(found)) == {"anna@mail.example", "bob@mail.example", "c@d.example"}


@pytest.mark.parametrize(
    "start",
    [
        "From - Sat Jan 03 01:05:34 1996",
        "From MAILER-DAEMON Fri Jul  8 12:08:34 2011",
        "From 1604@xxx Thu Mar 05 10:11:12 +0000 2020",
        "From anna@mail.example",
    ],
)
def test_beginnings_that_programs_write(read, start):
    found = read(message(FROM, start=start), message("From: c@d.example", start=start))
    assert list(people(found)) == ["anna@mail.example", "c@d.example"]


def test_a_single_message_is_not_split_at_one_it_forwards(read):
    text = message(FROM, TO, body="\n" + message("From: c@d.example")).partition("\n")[2]
    found = read(text)
    assert found.format == "eml"
    assert list(people(found)) == ["anna@mail.example", "bob@mail.example"]


def test_messages_across_blocks_are_whole(read, monkeypatch):
    texts = [message(f"From: p{number}@mail.example", body="x" * (number % 700)) for number in range(60)]
    expected = people(read(*texts))
    monkeypatch.setattr(mail_messages, "_BLOCK", 997)
    monkeypatch.setattr(mail_messages, "_TAIL", 400)
    assert people(read(*texts)) == expected
    assert len(expected) == 60


def test_what_machines_write_is_marked_and_kept(read):
    found = people(
        read(
            message("From: no-reply@shop.example", TO),
            message("From: news@shop.example", TO, "List-Unsubscribe: <mailto:x@shop.example>"),
            message("From: carl@mail.example", "To: talk@lists.example", "List-Post: <mailto:talk@lists.example>"),
            message("From: dora@mail.example", TO, "Auto-Submitted: auto-replied"),
        )
    )
    kinds = {address: row.get("Kind") for address, row in found.items()}
    assert [address for address, kind in kinds.items() if kind == "automatic"] == [
        *("no-reply@shop.example", "news@shop.example", "talk@lists.example")
    ]
    assert {"bob@mail.example", "carl@mail.example", "dora@mail.example"} < set(kinds)


def test_a_message_that_names_nobody_is_refused_with_its_number(read):
    found = read(message(FROM, TO), message("Subject: Nobody"), message("From: " + "(" * 5000))
    assert found.refused.select("row", "code").rows() == [(2, "mail.nobody"), (3, "mail.nobody")]
    assert "Subject: Nobody" in found.refused["raw"][0]
    with pytest.raises(InputRefused, match="no message with an address") as refusal:
        read(message("Subject: Nobody"))
    assert refusal.value.hint


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Тел.: +7 (495) 000-05-01, доб. 12"], [("Phone", "+7 (495) 000-05-01, доб. 12")]),
        (["моб. 8 916 000-05-01"], [("Mobile phone", "8 916 000-05-01")]),
        (["T: +44 20 7946 0005 | M: +44 7700 900005"],
         [("Phone", "+44 20 7946 0005"), ("Mobile phone", "+44 7700 900005")]),
        (["Посада: директорка", "Компанія: ТОВ «Приклад»"],
         [("Job title", "директорка"), ("Company", "ТОВ «Приклад»")]),
        (["Сайт: https://romashka.example/about"], [("Site", "https://romashka.example/about")]),
        (["Встречаемся в 10:00, т. е. завтра", "Факс", "Order 12345678901"], []),
        (["+7 916 000-05-01", "ООО Ромашка", "Генеральный директор"], []),
        (["-- ", "+7 916 000-05-01", "ООО «Ромашка»", "Генеральный директор", "www.romashka.example", "Анна"],
         [("Phone", "+7 916 000-05-01"), ("Company", "ООО «Ромашка»"), ("Job title", "Генеральный директор"),
          ("Site", "www.romashka.example")]),
        (["--", "Grace Sample", "Head of Sales", "Northwind Sample Ltd"],
         [("Job title", "Head of Sales"), ("Company", "Northwind Sample Ltd")]),
        (["Спасибо!", "", "08.09.2026, 13:00, Олена <olena@poshta.example> пише:", "> тел. +380 44 000 05 02"], []),
        (["Ок", "-----Original Message-----", "From: Bob", "Tel: +44 20 7946 0005"], []),
    ],
)  # fmt: skip
def test_what_a_signature_plainly_says(lines, expected):
    assert mail_signatures.fields("\n".join(["Добрый день!", "", *lines])) == expected


def test_signatures_belong_to_the_sender_the_last_one_first(read):
    tel = "тел. +7 495 000-00-0"
    found = read(
        message(FROM, TO, "Date: Mon, 7 Sep 2026 12:00:00 +0000", body=tel + "2"),
        message(FROM, TO, "Date: Mon, 7 Sep 2020 12:00:00 +0000", body=tel + "1"),
        message(FROM, TO, "Date: Mon, 7 Sep 2021 12:00:00 +0000", body=tel + "2"),
    )
    anna = people(found)["anna@mail.example"]
    assert (anna["Phone"], anna["Phone 2"], "Phone 3" in anna) == ("+7 495 000-00-02", "+7 495 000-00-01", False)
    assert "Phone" not in people(found)["bob@mail.example"]


def test_only_the_beginning_of_a_message_is_looked_at(read):
    attachment = "\n".join(["QUJD" * 18] * 20_000)
    start = message(FROM, TO, "Content-Type: multipart/mixed; boundary=b", body="--b\n\nтел. +7 495 000-00-01\n\n--b\n")
    found = read(
        start + "Content-Transfer-Encoding: base64\n\n" + attachment + "\n--b--\n\n", message("From: c@d.example")
    )
    assert people(found)["anna@mail.example"]["Phone"] == "+7 495 000-00-01"
    assert "c@d.example" in people(found)


def test_a_page_without_plain_text_is_read_without_its_tags(read):
    page = "<div>Hello</div><div>--</div><p>Phone:&nbsp;<b>+44 20 7946 0005</b></p><script>x</script>"
    found = read(message(FROM, TO, "Content-Type: text/html", body=page))
    assert people(found)["anna@mail.example"]["Phone"] == "+44 20 7946 0005"


def test_a_limit_is_of_messages(read):
    assert list(people(read(message(FROM), message("From: c@d.example"), limit=1))) == ["anna@mail.example"]


def test_options_that_say_nothing_about_mail_are_refused(read):
    with pytest.raises(UsageError, match="--encoding"):
        read(message(FROM), encoding="cp1251")


@settings(deadline=None)
@given(
    st.lists(st.binary(max_size=80), max_size=6), st.sampled_from([b"From: ", b"To: ", b"Subject: ", b"\n", b"Date: "])
)
def test_any_bytes_are_a_message_or_none(lines, start):
    found = mail_messages.parsed(start + b"\n".join(lines))
    assert found is None or found.people


def test_the_sample_and_its_mapping_agree():
    found = files.read(ROOT / "samples" / "inbox.mbox")
    rows = people(found)
    assert (len(rows), found.refused["row"].to_list()) == (6, [5])
    assert rows["larisa@romashka.example"]["Mobile phone"] == "+7 916 000-05-01"
    assert rows["olena@poshta.example"]["Name"] == "Олена Прикладенко"
    assert rows["grace.sample@northwind.example"]["Job title"] == "Head of Sales"
    assert rows["no-reply@news.example"]["Kind"] == "automatic"
    assert rows["timur@obrazets.example"]["Last subject"] == "Счёт"

    mapping = tomllib.loads((ROOT / "rules" / "mappings" / "mail.toml").read_text(encoding="utf-8"))
    assert set(mapping["signature"]) <= set(found.cells.columns)
    known = {heading.removesuffix(" *") for heading in mapping["columns"]}
    assert set(found.cells.columns) <= known
