"""What is wrong with documents: versions, folders, what a deal lacks."""

import polars as pl

from crmtool.core.documents import checks, names
from crmtool.io import rulebook

BOOK = rulebook.loaded(rulebook.defaults())
DEALS = pl.DataFrame(
    [(1, "D-1", "won"), (2, "D-2", "contract"), (3, "D-3", "lost"), (4, "D-4", "won"), (5, "D-5", "offer")],
    schema=checks.DEALS,
    orient="row",
)


def said(*paths):
    files = pl.DataFrame({"path": paths, "size": [1] * len(paths)}, schema=names.FILES)
    frame = names.read(files, BOOK.documents)
    return frame.with_columns(checks.placed(frame, DEALS))


def told(found):
    return found.select("value", "code", "suggestion").rows()


def test_a_newer_version_takes_the_place_of_those_before():
    frame = said(
        "1/2026-01-01_Договор_v1_Лой.docx",
        "1/2026-01-05_Договор_v2_Лой.docx",
        "1/2026-01-05_Договор_v2_Лой.pdf",  # the same version in another format
    )
    assert told(checks.superseded(frame)) == [
        ("1/2026-01-01_Договор_v1_Лой.docx", "document.superseded", "2026-01-05_Договор_v2_Лой.pdf")
    ]


def test_two_invoices_are_no_versions_of_one():
    frame = said(
        "1/2026-01-01_Счёт_v1_Лой.pdf",
        "1/2026-02-01_Счёт_v1_Лой.pdf",
        "1/2026-02-03_Счёт_v2_Лой.pdf",
        "2/2026-02-09_Счёт_v3_Лой.pdf",  # of another deal
    )
    assert [line[0] for line in told(checks.superseded(frame))] == ["1/2026-02-01_Счёт_v1_Лой.pdf"]


def test_each_file_is_told_what_is_wrong_with_it():
    frame = said(
        "1/2026-01-01_Договор_v1_Лой.docx",
        "1/2026-02-30_Договор_v1_Лой.docx",
        "1/2026-02-03_Фото_v1_Лой.jpg",
        "1/скан.pdf",
        "1/Акт 01.02.2026 Лой.pdf",
        "99/2026-03-01_Акт_v1_Лой.pdf",
        "2026-03-01_Акт_v1_Лой.pdf",
        "1/a\u202egnp.exe",
    )
    assert {(path, code) for path, code, _ in told(checks.linted(frame, names.proposed(frame, BOOK.documents)))} == {
        ("1/2026-02-30_Договор_v1_Лой.docx", "document.date"),
        ("1/2026-02-03_Фото_v1_Лой.jpg", "document.type"),
        ("1/скан.pdf", "document.name"),
        ("1/Акт 01.02.2026 Лой.pdf", "document.rename"),
        ("99/2026-03-01_Акт_v1_Лой.pdf", "document.deal"),
        ("2026-03-01_Акт_v1_Лой.pdf", "document.nowhere"),
        ("1/a\u202egnp.exe", "document.name"),
        ("1/a\u202egnp.exe", "document.unsafe"),
    }


def test_a_deal_needs_what_its_stage_and_those_before_ask_for():
    frame = said("1/2026-01-01_Договор_v1_Лой.docx", "1/2026-01-01_Счёт_v1_Лой.docx", "2/скан.pdf", "3/скан.pdf")
    assert told(checks.missing(frame, DEALS, BOOK.documents, BOOK.deals)) == [
        ("deal 1", "document.missing", "payment order"),
        ("deal 2", "document.missing", "contract"),
        ("deal 4", "document.nothing", "contract, invoice, payment order"),
    ]


def test_a_key_that_two_deals_have_names_none():
    twice = DEALS.with_columns(key=pl.lit("D-1"))
    frame = pl.DataFrame({"deal": [None], "key": ["D-1"]}, schema={"deal": pl.Int64(), "key": pl.String()})
    assert checks.placed(frame, DEALS).to_list() == [1]
    assert checks.placed(frame, twice).to_list() == [None]
