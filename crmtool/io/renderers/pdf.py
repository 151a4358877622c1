"""A page of HTML as PDF, by WeasyPrint, an extra. Nothing is fetched but what stands in the page itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtool.core.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def write_pdf(html: str, path: Path) -> None:
    """Write a page as it prints. Raises UsageError where WeasyPrint, or the library Pango it draws with, is missing."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except ImportError:
        raise UsageError(
            "A PDF needs WeasyPrint, which is not installed.",
            "Install it with: pip install 'crmtool[pdf]'; or write .html",
        ) from None
    except OSError:
        raise UsageError(
            "A PDF needs the library Pango, which is not installed.",
            "Install it (Debian: libpango-1.0-0, libpangoft2-1.0-0); or write .html and print it.",
        ) from None
    # without its own fetcher a page could name files of this machine
    fetcher = URLFetcher(allowed_protocols=["data"])
    HTML(string=html, url_fetcher=fetcher).write_pdf(path)
