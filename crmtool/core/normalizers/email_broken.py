"""What an address that is none may have been: a suggestion, where one reading is far likelier than any other.

To add a slip: a step in `likely`.
"""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from crmtool.core.normalizers.email_domains import PROVIDERS

_LONGEST = 320  # characters, RFC 5321 in its widest reading
_NO_DOMAIN = re.compile(r"[^\w.-]|_")
_COMMAS = re.compile(r"\s?,\s?")
_DOTS = re.compile(r"\.{2,}")
_LEAST = 4  # characters before a provider's domain that was written without the @
_GLUED = re.compile(r"^[\w.+-]*[a-z0-9]$", re.IGNORECASE)


def likely(text: str) -> str | None:
    """Return the address that was likely meant by a text that is none.

    >>> likely("ivan@#gmail.com"), likely("ivan.@mail.ru"), likely("ivan@mailru"), likely("ivanovgmail.com")
    ('ivan@gmail.com', 'ivan@mail.ru', 'ivan@mail.ru', 'ivanov@gmail.com')
    """
    if len(text) > _LONGEST or text.count("@") > 1:
        return None
    written = text.strip().lower()
    found = _mended(written) if "@" in written else _parted(written)
    return found if found and found != written and _valid(found) else None


def _mended(text: str) -> str:
    """Return an address without what cannot stand in its domain, and with single dots inside its local part.

    A full stop in front stays: it may stand for a lost letter.
    """
    local, _, domain = text.partition("@")
    domain = _NO_DOMAIN.sub("", domain).strip(".-")
    return f"{_DOTS.sub('.', _COMMAS.sub('.', local)).rstrip('.')}@{_glued().get(domain, domain)}"


def _parted(text: str) -> str | None:
    """Return a text that ends in a provider's domain with an @ before it."""
    fitting = [each for each in PROVIDERS if text.endswith(each)]
    provider = max(fitting, key=len, default="")
    local = text.removesuffix(provider)
    parted = provider and len(local) >= _LEAST and _GLUED.match(local)
    return f"{local}@{provider}" if parted else None


def _glued() -> dict[str, str]:
    """Return the domains of providers by their spelling without the dot."""
    return {each.replace(".", ""): each for each in PROVIDERS}


def _valid(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True
