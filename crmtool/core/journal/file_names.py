"""Names of files that came from outside, made safe: no folders, nothing unseen, nothing a system takes for its own."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 120  # characters
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


def safe(name: str | None, otherwise: str = "file") -> str:
    r"""Return a name that is a name and nothing else; `otherwise` where nothing is left of it.

    >>> safe("../../etc/passwd"), safe("C:\\temp\\cv\u202egnp.exe"), safe("con.txt"), safe("..")
    ('passwd', 'cvgnp.exe', '_con.txt', 'file')
    """
    last = re.split(r"[/\\]", name or "")[-1]
    seen = "".join(sign for sign in unicodedata.normalize("NFC", last) if sign.isprintable())
    plain = re.sub(r'[<>:"|?*]', "_", " ".join(seen.split())).strip(" .")
    if not plain:
        return otherwise
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > _LONGEST:
        short = ending[:20] if dot else ""
        plain = f"{(stem or ending)[: _LONGEST - 21]}{dot}{short}"
    return f"_{plain}" if plain.split(".")[0].lower() in _RESERVED else plain
