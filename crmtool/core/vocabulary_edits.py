"""A new word in the text of a vocabulary file, all else left as it stands: comments, order, empty lines.

The file is edited as text, so that nothing a person wrote is lost, and read again: what comes out means the old values
and the new word, or it is not returned. To take up another shape of a line: `_LINE`.
"""

from __future__ import annotations

import re
import tomllib

from crmtool.core.errors import UsageError

_KEY = r'(?:"(?:[^"\\]|\\.)*"|\'[^\']*\'|[A-Za-z0-9_-]+)'
_STRING = r'"(?:[^"\\]|\\.)*"|\'[^\']*\''
_LINE = re.compile(rf"^(?P<key>{_KEY})[ \t]*=[ \t]*\[", re.MULTILINE)
_INSIDE = re.compile(rf"(?:{_STRING}|\#[^\n]*|[^\]\"'#])*\]")
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\x9f]')


def with_alias(text: str, canonical: str, alias: str) -> str:
    r"""Return the text of a vocabulary file with one more synonym at the end of a value's list.

    Raises UsageError where the value is not there, or the file is written in a way that cannot be edited as text.

    >>> with_alias('[values]\n"a" = ["b"]  # c\n', "a", "d")
    '[values]\n"a" = ["b", "d"]  # c\n'
    """
    for line in _LINE.finditer(text):
        if _meant(line["key"]) != canonical:
            continue
        inside = _INSIDE.match(text, line.end())
        if inside is None:
            break
        edited = text[: line.end()] + _appended(inside.group()[:-1], _quoted(alias)) + text[inside.end() - 1 :]
        return _checked(text, edited, canonical, (alias,))
    raise UsageError(f"The vocabulary has no line for {canonical!r}.", "Add it to the file by hand.")


def with_value(text: str, canonical: str) -> str:
    r"""Return the text of a vocabulary file with one more canonical value at the end of its table [values].

    Raises UsageError as `with_alias`.

    >>> with_value('[values]\n"a" = []\n', "b")
    '[values]\n"a" = []\n"b" = []\n'
    """
    start = re.search(r"^\[values\][^\n]*(?:\n|$)", text, re.MULTILINE)
    if start is None:
        raise UsageError("The vocabulary has no table [values].", "Add the value to the file by hand.")
    following = re.search(r"^\[[^\]\n]+\][ \t]*(?:#[^\n]*)?$", text[start.end() :], re.MULTILINE)
    end = start.end() + following.start() if following else len(text)
    before = text[:end].rstrip("\n")
    edited = f"{before}\n{_quoted(canonical)} = []\n" + ("\n" + text[end:] if following else "")
    return _checked(text, edited, canonical, ())


def _meant(key: str) -> str:
    """Return the key that TOML reads."""
    return next(iter(tomllib.loads(f"{key} = 0")))


def _appended(inside: str, item: str) -> str:
    """Return what stands between the brackets of a list, with one more item; a list of many lines gets a line."""
    several = re.search(r"\n([ \t]*)\S[^\n]*\n[ \t]*$", inside)
    if several:
        body = inside.rstrip()
        tail = inside[len(body) :]
        comment = re.search(r"#[^\n]*$", body)
        code = body[: comment.start()].rstrip() if comment and not _within_text(body, comment.start()) else body
        body = body if code.endswith(",") else code + "," + body[len(code) :]
        return f"{body}\n{several[1]}{item},{tail}"
    body = inside.rstrip()
    comma = "" if not body.strip() else " " if body.endswith(",") else ", "
    return f"{body}{comma}{item}{inside[len(body) :]}"


def _within_text(body: str, place: int) -> bool:
    return any(found.start() < place < found.end() for found in re.finditer(_STRING, body))


def _quoted(text: str) -> str:
    """Return a basic string of TOML."""
    return f'"{_ESCAPED.sub(lambda found: _escape(found[0]), text)}"'


def _escape(character: str) -> str:
    return f"\\{character}" if character in '"\\' else f"\\u{ord(character):04X}"


def _checked(before: str, after: str, canonical: str, aliases: tuple[str, ...]) -> str:
    """Return the edited text if it says the same and the new word, nothing else. Raises UsageError."""
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"The vocabulary cannot be edited: {error}.", "Add the word to the file by hand.") from error
    wanted = {**old, "values": {**old["values"], canonical: [*old["values"].get(canonical, []), *aliases]}}
    if new != wanted:
        raise UsageError("The vocabulary is written in a way that cannot be edited here.", "Add the word by hand.")
    return after
