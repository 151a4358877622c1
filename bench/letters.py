"""Measure the import of a mailbox (mbox) of invented letters: how many each second, and the memory at its peak.

Letters are plain, in quoted-printable or base64, or of several parts (text, HTML, and a small attachment); a third
answer the one before and quote it. Half are of people in the base.

Run as `python -m bench.letters [--letters 100000] [--contacts 100000]`.
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import quopri
import sys
import tempfile
from email.header import Header
from pathlib import Path

from bench.imports import measured
from bench.journal import based

OURS = "anna@dom.example"
_LINES = (
    "Здравствуйте! Подскажите, пожалуйста, когда можно ждать счёт по нашему заказу?",
    "Добрий день, дякую за пропозицію, ми погоджуємося на ці умови і чекаємо на договір.",
    "Hello, could you send the updated price list for the next quarter by Friday?",
    "Мы получили товар, всё в порядке, спасибо за быструю доставку и хорошую упаковку.",
    "Please call me back in the afternoon, I will be at the office until six o'clock.",
)
_FILE = base64.encodebytes(bytes(range(256)) * 3).decode()


def mailbox(path: Path, letters: int, contacts: int) -> Path:
    """Write a mailbox of so many letters; every other one is of a contact of `segments_base`."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number in range(letters):
            file.write(f"From - Mon Oct  5 10:00:00 2026\n{_letter(number, contacts)}\n")
    return path


def _letter(number: int, contacts: int) -> str:
    place = (number * 7919) % contacts + 1
    other = f"p{place}@firma.example" if number % 2 else f"stranger{number % 30_000}@else.example"
    name = Header(f"Иван Петров {place}", "utf-8").encode() if number % 3 else f"Ivan Petrov {place}"
    sides = (OURS, f"{name} <{other}>") if number % 4 == 0 else (f"{name} <{other}>", OURS)
    at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=11 * number)
    head = [f"From: {sides[0]}", f"To: {sides[1]}", f"Date: {at:%a, %d %b %Y %H:%M:%S +0000}"]
    head += [f"Subject: {Header(f'Счёт № {number}', 'utf-8').encode()}", f"Message-ID: <{number}@mail.example>"]
    if number % 3 == 2:
        head.append(f"References: <{number - 1}@mail.example>")
    head += [f"Received: from relay{hop}.example by mx.example; {at:%a, %d %b %Y %H:%M:%S +0000}" for hop in range(3)]
    return "\n".join([*head, "MIME-Version: 1.0", _body(number)])


def _text(number: int) -> str:
    own = "\n".join(_LINES[(number + turn) % len(_LINES)] for turn in range(6))
    quoted = "\n".join(f"> {line}" for line in _LINES)
    return f"{own}\n\nOn Mon, 5 Oct 2026, Ivan Petrov wrote:\n{quoted}\n" if number % 3 == 2 else own


def _body(number: int) -> str:
    text, plain = _text(number), "Content-Type: text/plain; charset=utf-8"
    if number % 4 == 0:
        return f"{plain}\nContent-Transfer-Encoding: 8bit\n\n{text}\n"
    if number % 4 == 1:
        return f"{plain}\nContent-Transfer-Encoding: base64\n\n{base64.encodebytes(text.encode()).decode()}"
    coded = quopri.encodestring(text.encode()).decode()
    if number % 4 == 2:
        return f"{plain}\nContent-Transfer-Encoding: quoted-printable\n\n{coded}\n"
    named = 'Content-Type: application/pdf; name="a.pdf"\nContent-Disposition: attachment; filename="a.pdf"'
    parts = (
        f"{plain}\nContent-Transfer-Encoding: quoted-printable\n\n{coded}",
        f"Content-Type: text/html; charset=utf-8\n\n<p>{text}</p>",
        f"{named}\nContent-Transfer-Encoding: base64\n\n{_FILE}",
    )
    whole = "".join(f"--b{number}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/mixed; boundary="b{number}"\n\n{whole}--b{number}--\n'


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Measure the import of a mailbox.")
    parser.add_argument("--letters", type=int, nargs="+", default=[100_000])
    parser.add_argument("--contacts", type=int, default=100_000)
    asked = parser.parse_args(arguments)
    for letters in asked.letters:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            root = based(folder, asked.contacts)
            file = mailbox(folder / "letters.mbox", letters, asked.contacts)
            command = (sys.executable, "-m", "crmtool", "--workspace", str(root), "interactions", "import", str(file))
            wall, cpu, peak = measured((*command, "--ours", OURS, "--yes", "--quiet"), frozenset({0}))
            print(
                f"import of {letters:,} letters ({file.stat().st_size / 1e6:.0f} MB): {wall:.1f} s, {cpu:.1f} s of CPU,"
                f" {letters / cpu:,.0f} letters for each of these, {peak:.0f} MB at the peak"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
