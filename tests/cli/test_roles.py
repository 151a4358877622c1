"""Roles over every route: canaries in what a role does not see, and every command of the walks taken with that role.

A new command is covered by being a step of a walk.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile

import pytest
from commands import EACH, HOMES, SOME, STEPS, WALKS, WRITES, names, ran, surroundings, typed

from crmtool.io import acting

#: Roles that keep much back, and between them each field, fact and note.
ROLES = """
default = "admin"
[role.admin]
default = "write"
may = ["import", "export", "create", "merge", "archive", "history", "undo", "erase", "operate"]
[role.blind]
default = "hide"
fields = { name = "mask", email = "mask", phone = "mask", "attr.wish" = "mask" }
notes = "none"
[role.veiled]
default = "mask"
fields = { tax_id = "hide", "attr.wish" = "hide", city = "read" }
notes = "own"
may = ["export", "create", "archive"]
[role.own]
default = "write"
records = "own"
may = ["create", "archive"]
[role.taker]
default = "write"
may = ["import"]
"""
#: What a role may not show, by kind; of the masked ones the whole value.
SAID = {
    "name": "Канарейка Клеткина Перьевна",
    "birthday": "1931-12-29",
    "company": "Канарейка Лимитед",
    "job_title": "Канарейковод",
    "city": "Канарейск",
    "region": "Канарейская",
    "postcode": "609137",
    "address": "Канарейковая 9",
    "tax_id": "7707083893",
    "note": "канарейка поёт",
    "attr.wish": "канарейкину песню",
    "phone.mobile": "+79165550391",
    "email.personal": "canary.leak@pochta.example",
    "messenger.telegram": "@canaryleak",
    "site": "https://canary-leak.example",
}
LEAKS = ("канаре", "клеткин", "перьевн", "1931-12-29", "609137", "7707083893", "9165550391", "canary", "canaryleak")
#: What `blind` and `veiled` read of it; nothing of somebody else's contact is read by `own`.
READ = {"veiled": ("канарейск",)}
_MAY_NOT = 15
_PEOPLE = (1, 2, 3)
_OWN = 4  # of the user who takes the roles, for those of their own records


@pytest.fixture(scope="session")
def aviary(base, tmp_path_factory):
    """A place with canaries in the contacts that the walks look at; not to be changed."""
    place = tmp_path_factory.mktemp("aviary")
    shutil.copytree(base, place, dirs_exist_ok=True)
    with surroundings(place):
        (place / "crm" / "rules" / "roles.toml").write_text(ROLES, "utf-8")
        fields = (place / "crm" / "rules" / "fields.toml").read_text("utf-8")
        (place / "crm" / "rules" / "fields.toml").write_text(
            fields + '\n[field."attr.wish"]\ntitle = "Wish"\n', "utf-8"
        )
        for person in _PEOPLE:
            told = [f"{field}={value}" for field, value in SAID.items()]
            _done("contacts", "set", str(person), *told)
            _done("contacts", "tag", str(person), "канарейка")
            _done("interactions", "add", str(person), "канарейка звонила", "--next", "канарейку", "--on", "2026-11-23")
            _done(
                "deals", "add", str(person), "Канарейка", "--amount", "100₽", "--stage", "offer", "--on", "2026-11-01"
            )
            _done("contacts", "verify", str(person), "--field", "phone", "--method", "call")
            _done(
                "consents", "add", str(person), "--purpose", "newsletter", "--state", "given", "--source", "канарейка"
            )
        _done("contacts", "set", str(_OWN), f"owner={acting.user({})}")
    return place


def _done(*words):
    code, out, err = ran(*words, "--yes")
    assert code == 0, (words, out, err)


def _walked(walk, place, role, *flags, whole):
    """Take a walk in a role, each step that is refused then as admin if `whole`; name -> what the role got to see."""
    seen, known = {}, {}
    with surroundings(place), pytest.MonkeyPatch.context() as patch:
        for name, step in WALKS[walk].items():
            if "{last}" in step or (not known and "{" in step):
                patch.setenv("CRMTOOL_AS", "")
                known = {**names(), **{k: v for k, v in known.items() if k != "last"}}
            words = [word.format(**known) for word in typed(step)]
            patch.setenv("CRMTOOL_AS", role)
            patch.setattr("sys.stdin", io.StringIO("w\nn\n"))
            before = _files(place)
            code, out, err = ran(*words, *flags)
            written = {path: text for path, text in _files(place).items() if before.get(path) != text}
            seen[name] = (code, out + err, written)
            if whole and code and (code == _MAY_NOT or " ".join(words[:2]) in WRITES or words[0] in WRITES):
                patch.setenv("CRMTOOL_AS", "")
                ran(*words)
    return seen


def _files(place):
    """Return what stands in files, but for the store, its key and the samples."""
    kept = [path for path in place.rglob("*") if path.is_file() and not path.name.startswith("crm.")]
    return {str(path.relative_to(place)): _text(path) for path in kept}


def _text(path):
    content = path.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"\n".join(packed.read(name) for name in packed.namelist())
    return content.decode("utf-8", "replace")


@pytest.fixture(scope="session")
def looked(aviary, tmp_path_factory):
    """What a role gets to see at a step: called with role, step and flags; each walk is taken when asked for."""
    results = {}

    def of(role, step, *flags, whole=False):
        walk = HOMES[step]
        if (role, walk, flags, whole) not in results:
            place = tmp_path_factory.mktemp(walk)
            shutil.copytree(aviary, place, dirs_exist_ok=True)
            results[role, walk, flags, whole] = _walked(walk, place, role, *flags, whole=whole)
        return results[role, walk, flags, whole][step]

    return of


def _leaks(role, said, words):
    """Return the canaries in a text, but for what the command line itself says and the role reads."""
    text = said.casefold()
    for free in (*READ.get(role, ()), words.casefold()):
        text = text.replace(free, "")
    return [leak for leak in LEAKS if leak in text]


def _without_leak(role, name, seen):
    code, said, written = seen
    assert code in {0, 2, 3, 4, 5, 6, 15, 16}, said
    assert "This is a bug" not in said
    assert _leaks(role, said, STEPS[name]) == []
    assert [path for path, text in written.items() if _leaks(role, text, STEPS[name])] == []


@pytest.mark.parametrize("name", SOME)
def test_what_is_hidden_or_masked_is_not_said(looked, name):
    _without_leak("veiled", name, looked("veiled", name, "--json"))


@pytest.mark.soak
@pytest.mark.parametrize("flags", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("role", ["blind", "veiled", "own"])
@pytest.mark.parametrize("name", EACH)
def test_no_role_leaks_on_any_route(looked, name, role, flags):
    _without_leak(role, name, looked(role, name, *flags, whole=True))


def test_an_admin_sees_the_canaries(aviary):
    """The control: where nothing is kept back the same commands say them."""
    steps = ("contacts-list", "contacts-show", "contacts-timeline", "due", "deals-list")
    with surroundings(aviary):
        silent = [name for name in steps if not _leaks("admin", ran(*STEPS[name].split(), "--json")[1], STEPS[name])]
    assert silent == []


@pytest.mark.parametrize(
    "words",
    [
        ("contacts", "list", "--where", "note is present"),
        ("segments", "count", "has('phone')"),
        ("segments", "explain", "starts_with(phone, '+7916')"),
        ("export", "tax_id is present", "-o", "x.csv"),
        ("audit", "decay", "--by", "birthday"),
        ("audit", "--by", "owner"),
        ("audit", "due", "--owner", "Анна"),
        ("due", "--owner", "Анна"),
        ("export", "id > 0", "-o", "x.csv", "--profile", "excel", "--sample", "50%", "--stratify", "owner"),
        ("documents", "unrename"),
        ("segments", "count", "no-email"),
        ("contacts", "list", "--where", "entered('moscow') >= '2020-01-01'"),
    ],
    ids=" ".join,
)
def test_what_is_hidden_cannot_be_asked_for(aviary, words):
    with surroundings(aviary), pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMTOOL_AS", "veiled")
        code, out, err = ran(*words)
    assert (code, out) == (15, "")
    assert "The role veiled does not see" in err


REFUSED = {
    "history": "veiled",
    "undo 1": "veiled",
    "backup list": "veiled",
    "contacts set 1 city=Київ": "veiled",
    "duplicates find": "veiled",
    "map event_guests.xlsx --save guests": "taker",
    "import event_guests.xlsx --readmit": "taker",
    "rules learn source": "taker",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_a_role_may_not_is_refused(aviary, words):
    with surroundings(aviary), pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMTOOL_AS", REFUSED[words])
        code, _, err = ran(*typed(words))
    assert code == 15
    assert "See what yours may with: crmtool roles show" in " ".join(err.split())


LOOKS = (
    *("contacts list", "contacts find канарейка", "contacts show 1", "contacts timeline 1", "due --days 60"),
    *("deals list", "segments list", "report owners", "audit --by region", "duplicates list", "duplicates explain 1 2"),
)


@pytest.mark.parametrize("words", LOOKS)
def test_who_sees_their_own_contacts_sees_nothing_of_others(aviary, words):
    with surroundings(aviary), pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMTOOL_AS", "own")
        code, out, err = ran(*words.split(), "--json")
        assert _leaks("own", out + err, words) == [], code
        if words == "contacts list":
            assert [row["id"] for row in json.loads(out)] == [_OWN]


@pytest.mark.parametrize("role", ["blind", "veiled", "own"])
def test_a_file_made_for_a_role_holds_no_byte_of_what_it_does_not_see(aviary, tmp_path, role):
    with surroundings(aviary):
        words = ("roles", "make-view", "--role", role, "--user", acting.user({}), "-o", str(tmp_path / "view.db"))
        code, _, err = ran(*words)
        assert code == 0, err
    assert in_bytes((aviary / "crm" / "crm.db").read_bytes(), role) != set(), "the search sees nothing"
    assert in_bytes((tmp_path / "view.db").read_bytes(), role) == set()


def in_bytes(content, role):
    """Return the canaries in bytes: in UTF-8 and UTF-16, in any case."""
    kept = {leak for leak in LEAKS if leak not in READ.get(role, ())}
    texts = [content.decode(encoding, "ignore").lower() for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    texts.append(content[1:].decode("utf-16-le", "ignore").lower())
    if role in READ:
        texts = [text.replace(free, "") for text in texts for free in READ[role]]
    return {leak for leak in kept for text in texts if leak in text}


def test_a_role_is_not_taken_by_who_may_not_have_it(aviary):
    with surroundings(aviary), pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMTOOL_AS", "nobody")
        assert ran("contacts", "list")[0] == 2
        patch.setattr("crmtool.io.acting.user", lambda _: "anna")
        rules = aviary / "crm" / "rules" / "roles.toml"
        patch.setenv("CRMTOOL_AS", "admin")
        before = rules.read_text("utf-8")
        rules.write_text(before + '[user.anna]\nrole = "blind"\n', "utf-8")
        try:
            assert ran("contacts", "list")[0] == 15
        finally:
            rules.write_text(before, "utf-8")
