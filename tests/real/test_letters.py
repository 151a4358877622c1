"""Every message of the shared collection becomes interactions, or is refused for a reason that is true."""

import email
import re
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from crmtool.io import journals, rulebook
from crmtool.io.readers import happenings
from crmtool.io.readers.table import Options

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared collection of real files is not here")

LETTERS = sorted((DATA / "vcards" / "mail_eml").glob("*.eml")) if DATA.exists() else []
PEOPLE = ("From", "Sender", "Reply-To", "To", "Cc", "Bcc")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+")


@pytest.fixture(scope="module")
def rules():
    return rulebook.loaded(rulebook.defaults())


def parsed(path):
    data = path.read_bytes()
    return email.message_from_bytes(data.partition(b"\n")[2] if data.startswith(b"From ") else data)


def dated(message):
    """Tell whether the standard library finds a day in a message, its own or one it was received on."""
    for text in (message["Date"], *(str(value).rpartition(";")[2] for value in message.get_all("Received", []))):
        try:
            if text and 1971 <= parsedate_to_datetime(str(text).strip()).year <= 2100:
                return True
        except (TypeError, ValueError, IndexError, OverflowError):
            continue
    return False


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: path.name)
def test_a_letter_is_read_or_refused_for_a_true_reason(path, rules):
    wishes = journals.Wishes()
    (part,) = journals.parts(happenings.parts(path, Options()), "interaction", rules, wishes, "UTC")
    assert part.rows.height + part.rejected.height + part.repeated == part.read.read >= 1
    message = parsed(path)
    for reasons in part.rejected["reasons"]:
        if "names nobody" in reasons:
            assert not any(ADDRESS.search(str(value)) for name in PEOPLE for value in message.get_all(name, []))
        else:
            assert "does not say when it was" in reasons
            assert not dated(message)
    assert part.rows["at"].null_count() == 0
    assert part.rows["kind"].eq("email").all()
