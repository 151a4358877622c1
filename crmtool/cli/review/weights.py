"""Why a pair weighs what it weighs: learned once for a sitting, then told of each pair from the values of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmtool.cli.session import Session

    #: What comparisons say of two contacts: the bits before anything is compared, and (field, agreement, bits) of each.
    Told = tuple[float, list[tuple[str, str, float]]]
    Explain = Callable[[int, int], Told | None]

#: Contacts beyond which a sitting does not learn: it would take minutes, and gigabytes.
MOST = 200_000


def size(session: Session) -> int:
    """Return about how many contacts there are."""
    return session.store.next_ids()["contact"] - 1


def learned(session: Session) -> Explain:
    """Learn the weights from the contacts as they are; return what explains a pair of them, None where it cannot.

    Opens a connection of its own, so that it may run in a thread.
    """
    from crmtool.core.duplicates import explaining
    from crmtool.io import doubles

    store = session.workspace.open_store()
    try:
        with store.reading():
            found = [(parties, matched) for _, parties, matched in doubles.each(store, session.rules)]
    finally:
        store.close()

    def explain(left: int, right: int) -> Told | None:
        for parties, matched in found:
            rows = [parties["id"].index_of(contact) for contact in (left, right)]
            if rows[0] is not None and rows[1] is not None:
                prior, lines = explaining.explained(matched, parties, rows[0], rows[1])
                told = lines.drop_nulls("agreement").sort("weight", descending=True, maintain_order=True)
                return prior, list(told.select("field", "agreement", "weight").iter_rows())
        return None

    return explain
