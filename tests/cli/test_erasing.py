"""Erasing people, on a base where each place has a word that stands nowhere else: none of their bytes is left."""

import errno
import gzip
import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import lives
import polars as pl
import pytest
from commands import ran

from crmtool.core import model
from crmtool.io import blocks, traces
from crmtool.io.connecting import sqlite3
from crmtool.io.store import Store

MARK = "Зябликова"
LIST = f"""name;phone;email;city;note;birthday
{MARK} Анна;+79160000102;zyablikova@pochta.example;Самара;Wagtail;03.05.1987
Олег Чиж;+79210000104;chizh@pochta.example;Тверь;Siskin;
{MARK} Анна Павловна;8 916 000-01-02;zyablikova.two@pochta.example;Плёс;Bunting;
Вера Дрозд;+79210000105;drozd@pochta.example;Псков;Fieldfare;
"""
CALLS = """Дата и время;Тип;Кто звонил;Кому звонили;Длительность
19.11.2026 10:00;Входящий;+79160000109;1;60
19.11.2026 11:00;Входящий;+79210000109;1;60
;Входящий;+7 (916) 000-01-02;1;Dunlin
;Входящий;+7 (921) 000-01-04;1;Sanderling
"""
DEALS = (
    "ID,Deal name,Email,Amount,Currency,Stage,Created\n1,Nuthatch,zyablikova@pochta.example,10.50,RUB,won,01.10.2026\n"
)
STEPS = """import list.csv
interactions import calls.csv
undo 2
interactions import calls.csv
contacts set 1 city=Елабуга
contacts set 1 city=Казань phone=+79160000109
contacts tag 1 Goldcrest
contacts tag 1 Linnet
undo 8
contacts note 1 Kinglet
deals import deals.csv
duplicates merge 1 3
contacts verify 1 --field phone --method letter
consents add 1 --purpose newsletter --state withdrawn --source Redpoll
duplicates merge 1 4
duplicates unmerge 1 4
segments refresh"""
#: What is left of the person nowhere: as written, in small letters, in Latin letters, phones by their ends.
CANARIES = [
    *("зябликов", "zyablikov", "ziablikov", "wagtail", "bunting", "самара", "плёс", "казань", "елабуга", "goldcrest"),
    *("linnet", "kinglet", "nuthatch", "redpoll", "dunlin", "9160000102", "9160000109", "1987-05-03", "03.05.1987"),
]


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A folder with a workspace in which everything happened to one person; not to be changed."""
    return lives.lived(
        tmp_path_factory.mktemp("lived"), {"list.csv": LIST, "calls.csv": CALLS, "deals.csv": DEALS}, STEPS
    )


@pytest.fixture(scope="module")
def emptied(lived, tmp_path_factory):
    """The same, with the person erased; not to be changed."""
    place = tmp_path_factory.mktemp("emptied")
    shutil.copytree(lived, place, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        lives.settled(patch, place)
        assert erased("3")[0] == 0
    return place


@pytest.fixture
def before(lived, tmp_path, monkeypatch):
    """A copy of the workspace with the person in it."""
    shutil.copytree(lived, tmp_path, dirs_exist_ok=True)
    lives.settled(monkeypatch, tmp_path)


@pytest.fixture
def after(emptied, tmp_path, monkeypatch):
    """A copy of the workspace without the person."""
    shutil.copytree(emptied, tmp_path, dirs_exist_ok=True)
    lives.settled(monkeypatch, tmp_path)


def erased(*words):
    return ran("contacts", "erase", *words, "--reason", "asked by letter", "--yes")


def opened():
    return Store.open(Path("crm/crm.db"), Path("crm/crm.key").read_text("ascii").strip())


def left(*folders):
    """Return the canaries found in files of the workspace, with the file: in UTF-8, UTF-16 and cp1251, any case."""
    found = set()
    for path in [
        path for path in Path("crm").rglob("*") if path.is_file() and path.parts[1] not in {"rules", *folders}
    ]:
        content = path.read_bytes()
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "cp1251"):
            text = content.decode(encoding, "ignore").lower()
            found |= {(word, str(path)) for word in CANARIES if word in text}
    return found | _in_blocks()


def _in_blocks():
    """Return the canaries in removed rows that the log keeps compressed."""
    store = opened()
    sql = f"SELECT block FROM change WHERE {blocks.HAS_BLOCK}"
    found = [blocks.unpacked(store._key, block) for block in store.query(sql, [], {"block": pl.Binary()})["block"]]
    store.close()
    file = io.BytesIO()
    for rows in found:
        rows.write_ipc(file, compression="uncompressed")  # with bytes that no row shows
    text = file.getvalue().decode("utf-8", "ignore").lower()
    return {(word, "a block") for word in CANARIES if word in text}


def test_the_canaries_are_there_before(before):
    assert {word for word, _ in left()} >= {*CANARIES} - {"ziablikov"}  # or the search itself is blind


def test_no_byte_of_an_erased_person_is_left_and_the_history_holds(after):
    assert left("rejects") == set()
    assert ran("history", "verify")[0] == 0
    assert ran("doctor", "--deep")[0] in {0, 4}
    assert ran("contacts", "show", "1")[0] == 2


def test_nothing_of_them_comes_back_by_undoing_what_was_before(after):
    for number in (16, 12, 11, 9, 4, 3, 1):  # unmerging, merging, deals, a tag, calls, the calls undone, the list
        code, _, err = ran("undo", str(number), "--yes")
        assert code == 0, (number, err)
    assert ran("undo", str(len(json.loads(ran("history", "--json")[1]))), "--yes")[0] == 0
    assert left("rejects") == set()
    assert ran("history", "verify")[0] == 0


def test_who_was_erased_is_counted_when_something_older_is_taken_back(after):
    said = ran("undo", "1", "--dry-run")[1]
    assert "Except 1 person who was erased since" in said
    assert json.loads(ran("undo", "1", "--dry-run", "--json")[1])["facts"] == {"except_erased": 1}


def test_erasing_cannot_be_taken_back(after):
    last = json.loads(ran("history", "--json")[1])[-1]["id"]
    code, _, err = ran("undo", str(last), "--yes")
    assert (code, "erased people" in err) == (5, True)


def test_of_others_everything_stays(lived, emptied):
    was, now = (_content(place) for place in (lived, emptied))
    mine = {"contact_id", "left_id", "right_id", "root_id"}
    for table in set(model.TABLES) - {"tombstone", "contact", "deal", "reject"}:
        columns = mine & set(model.TABLES[table])
        others = was[table].filter(
            ~pl.any_horizontal(pl.lit(False), *(pl.col(c).is_in([1, 3]) for c in columns)).fill_null(value=False)
        )
        others = others.filter(~pl.col("address").eq_missing("+79160000109")) if table == "interaction" else others
        assert others.equals(now[table]), table
    assert was["contact"].filter(~pl.col("id").is_in([1, 3])).equals(now["contact"])
    assert now["reject"]["raw"].str.contains("Sanderling").to_list() == [True]
    kept = ("amount", "currency", "stage", "opened_on", "closed_on", "owner")
    assert was["deal"].select(kept).equals(now["deal"].select(kept))


def _content(place):
    store = Store.open(place / "crm/crm.db", (place / "crm/crm.key").read_text("ascii").strip())
    frames = {table: store.snapshot(table) for table in model.TABLES}
    store.close()
    return frames


def test_a_look_leaves_everything_as_it_is(before):
    head = ran("history", "verify")[1]
    code, out, _ = ran("contacts", "erase", "1", "--reason", "asked", "--dry-run")
    assert (code, "1 person" in out, "Dry run" in out) == (0, True, True)
    assert ran("history", "verify")[1] == head
    assert not list(Path("crm/reports").glob("erasure*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["99", "--reason", "asked"], "no contact 99"),
        (["1"], "asks why"),
        (["1", "--reason", f"{MARK.upper()} asked"], "names the person"),
        (["1", "--reason", "letter of ZYABLIKOVA@pochta.example"], "names the person"),
        ([], "Who shall be erased"),
    ],
)
def test_what_cannot_be_erased_is_said(before, words, said):
    code, _, err = ran("contacts", "erase", *words, "--yes")
    assert (code, said in err) == (2, True)
    assert len(json.loads(ran("history", "--json")[1])) == len(STEPS.splitlines())


def test_the_act_is_private_and_tells_nothing_of_the_person(after):
    (act,) = Path("crm/reports").glob("erasure-*.html")
    text = act.read_text("utf-8")
    assert act.stat().st_mode & 0o777 == 0o600
    assert "asked by letter" in text
    assert "olha" in text
    assert "record removed 3" in " ".join(re.sub(r"<[^>]+>", " ", text).split())


FORGED = [
    'UPDATE change SET before = \'{"city":"Омск"}\' WHERE id = {blank}',
    "UPDATE change SET erased = NULL WHERE id = {blank}",
    "UPDATE change SET erased_of = 2 WHERE id = {blank}",
    "UPDATE change SET erased_of = 1, erased = (SELECT erased FROM change WHERE id = {blank}) WHERE id = {plain}",
    "UPDATE change SET before = NULL, after = NULL WHERE id = {plain}",
    "DELETE FROM change WHERE id = {blank}",
    "UPDATE change SET proof = (SELECT proof FROM change WHERE id = {plain}) WHERE id = {blank}",
    "DELETE FROM tombstone WHERE id = 1",
]


@pytest.mark.parametrize("statement", FORGED)
def test_blanking_by_other_hands_is_found(after, statement):
    db = sqlite3.connect("crm/crm.db")
    blank = db.execute("SELECT max(id) FROM change WHERE erased IS NOT NULL AND op = 'update'").fetchone()[0]
    plain = db.execute("SELECT max(id) FROM change WHERE erased IS NULL AND op = 'update'").fetchone()[0]
    with db:
        db.execute(statement.replace("{blank}", str(blank)).replace("{plain}", str(plain)))
    db.close()
    store = opened()
    assert store.verify()
    store.close()


def test_an_interrupted_erasure_is_finished_by_saying_it_again(before):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "compacted", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        assert erased("1")[0] == 130
    assert "Run: crmtool contacts erase" in " ".join(ran("doctor")[1].split())
    assert ran("contacts", "erase")[0] == 0
    assert left() == set()
    assert "Run: crmtool contacts erase" not in " ".join(ran("doctor")[1].split())
    assert len(list(Path("crm/reports").glob("erasure-*.html"))) == 1


def _failing(fault):
    """Let the disk, or the rights, keep back files of the inbox."""
    opened_as_ever = Path.open

    def open_(path, *arguments, **options):
        if "inbox" in path.parts:
            raise OSError(fault, "injected", str(path))
        return opened_as_ever(path, *arguments, **options)

    return open_


def test_a_file_that_the_disk_does_not_give_is_swept_when_it_does(before):
    _files()
    before_it = left("exports")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "compacted", lambda _: patch.setattr(Path, "open", _failing(errno.EIO)) or True)
        code, _, err = erased("1")
    assert code == 14, err
    assert {path for _, path in left("exports") & before_it} >= {"crm/inbox/done/list.csv", "crm/inbox/wide.csv"}
    assert ran("contacts", "erase")[0] == 0
    assert left("exports") == set()


@pytest.mark.parametrize("why", ["rights", "size"])
def test_a_file_that_nobody_looked_at_is_named(before, monkeypatch, why):
    _files()
    if why == "rights":
        monkeypatch.setattr(Path, "open", _failing(errno.EACCES))
    else:
        monkeypatch.setattr(traces, "_MOST", Path("crm/inbox/wide.csv").stat().st_size - 1)
    code, _, err = erased("1")
    assert code == 0
    assert "Look at inbox/wide.csv: it may hold them still." in " ".join(err.split())


def _zipped(name, content, *, lock=False):
    """Return an archive with one member; with `lock` it says that this has a password."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    whole = bytearray(file.getvalue())
    if lock:
        for at in (whole.index(b"PK\3\4") + 6, whole.index(b"PK\1\2") + 8):
            whole[at] |= 1
    return bytes(whole)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.csv.gz", gzip.compress(LIST.encode())),
        ("page.pdf", b"%PDF-1.7\n..."),
        ("locked.zip", _zipped("list.csv", LIST, lock=True)),
        ("torn.zip", _zipped("list.csv", LIST)[:40] + b"x" + _zipped("list.csv", LIST)[41:]),
        ("inside.zip", _zipped("list.csv.gz", gzip.compress(LIST.encode()))),
        ("locked.xlsx", b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le")),
    ],
)
def test_a_file_that_nobody_can_look_into_is_named(before, name, content):
    Path("crm/inbox", name).write_bytes(content)
    code, _, err = erased("1")
    assert code == 0
    assert f"Look at inbox/{name}: it may hold them still." in " ".join(err.split())


def test_an_erasure_that_was_stopped_before_it_began_leaves_no_note(before):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "apply_parts", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert erased("1")[0] == 130
    assert not Path("crm/erasing.json").exists()
    Path("crm/erasing.json").write_text('{"number": 99, "addresses": ["a@x.example"], "phones": [], "names": []}')
    assert ran("contacts", "erase")[0] == 2
    assert not Path("crm/erasing.json").exists()


def test_no_copy_is_made_of_whom_a_large_change_erases(before):
    rules = Path("crm/rules/backup.toml")
    rules.write_text(rules.read_text("utf-8").replace("contacts = 100", "contacts = 1"), "utf-8")
    copies = {*Path("crm/backups").glob("*")}
    assert erased("1")[0] == 0
    assert {*Path("crm/backups").glob("*")} == copies


def test_people_in_blocks_of_removed_rows_are_erased_there(tmp_path, monkeypatch):
    lives.settled(monkeypatch, tmp_path)
    rows = [f"Чиж{n} Олег;chizh{n}@pochta.example;Siskin{n}" for n in range(120)]
    text = "\n".join(["name;email;note", *rows, f"{MARK} Анна;zyablikova@pochta.example;Wagtail"])
    Path("list.csv").write_text(text, "utf-8")
    for step in ("init crm", "import list.csv --yes", "undo 1 --yes", "undo 2 --yes"):
        assert ran(*step.split())[0] == 0
    assert {word for word, place in left() if place == "a block"} >= {"зябликов", "wagtail"}
    assert erased("121")[0] == 0
    assert left("backups") == set()
    assert "Except 1 person" in ran("undo", "2", "--dry-run")[1]
    assert ran("undo", "3", "--yes")[0] == 0
    assert ran("undo", "5", "--yes")[0] == 0
    assert len(json.loads(ran("contacts", "list", "--limit", "200", "--json")[1])) == 120
    assert ran("history", "verify")[0] == 0
    assert left("backups") == set()


def test_lists_and_journals_do_not_bring_them_back(after):
    code, out, err = ran("import", "list.csv", "--yes")
    assert (code, "Rows: 4 read = 2 unchanged + 2 kept out" in out) == (0, True), (out, err)
    assert "somebody who was erased" in " ".join(out.split())
    code, out, _ = ran("interactions", "import", "calls.csv", "--yes")
    assert (code, "Rows: 4 read = 1 unchanged + 1 rejected + 2 kept out" in out) == (3, True), out
    assert "Rows: 1 read = 1 kept out" in ran("deals", "import", "deals.csv", "--yes")[1]
    assert left("rejects") == set()
    assert ran("history", "verify")[0] == 0


@pytest.mark.parametrize(
    ("row", "out"),
    [
        ("Иван Синица;+7 916 000-01-02;;Омск;;", 1),  # their own number, whoever is said to have it
        ("Иван Синица;;ZYABLIKOVA@pochta.example;Омск;;", 1),
        ("анна  зябликова;;;Омск;;1987-05-03", 1),
        ("Иван Синица;+79160000109;;;;", 1),  # a number they had once said by hand
        ("Анна Зябликова;;;Омск;;", 0),  # a name is not one person's
        ("Зябликова Анна;+79210000105;;;;", 0),  # the number of somebody else
        ("Анна Иволга;;anna@pochta.example;Самара;Wagtail;1987-05-03", 0),
        (";8 916 000-01-02;not an address;;;", 1),
    ],
)
def test_rows_are_known_by_what_is_theirs_alone(after, row, out):
    Path("more.csv").write_text(f"{LIST.splitlines()[0]}\n{row}\n", "utf-8")
    _, said, err = ran("import", "more.csv", "--dry-run", "--json")
    facts = json.loads(said)["facts"]
    assert (facts["kept_out"], facts["read"]) == (out, 1), err


def test_who_comes_back_of_their_own_will_is_let_in_and_stays(after):
    assert ran("import", "list.csv", "--readmit", "--yes")[0] == 0
    assert MARK in ran("contacts", "find", "зябликова")[1]
    assert "kept out" not in ran("import", "list.csv", "--yes")[1]
    assert ran("undo", str(json.loads(ran("history", "--json")[1])[-1]["id"]), "--yes")[0] == 0
    assert "2 kept out" in ran("import", "list.csv", "--yes")[1]


@pytest.fixture
def copied(before):
    """A workspace with a copy of the time before somebody was erased."""
    Path("crm/rejects/calls.rejected.csv").unlink()
    assert ran("backup", "create", "--plain")[0] == 0
    assert erased("3")[0] == 0


def test_a_copy_from_before_does_not_bring_them_back(copied):
    code, out, err = ran("backup", "restore", "--yes")
    assert (code, "Erased again in it: 1 person." in out) == (0, True), err
    assert left("backups") == set()
    assert {word for word, path in left() if "replaced" in path} == set()
    assert ran("history", "verify")[0] == 0
    assert "2 kept out" in ran("import", "list.csv", "--yes")[1]
    assert ran("contacts", "show", "2")[0] == 0


def test_a_new_workspace_of_a_copy_is_without_them_too(copied):
    assert ran("backup", "restore", "--into", "other")[0] == 0
    assert "зябликов".encode() not in Path("other/crm.db").read_bytes().lower()
    assert "Зябликова".encode() not in Path("other/crm.db").read_bytes()
    assert ran("--workspace", "other", "history", "verify")[0] in {0, 2}


def test_who_is_gone_already_can_be_erased_from_the_history(tmp_path, monkeypatch):
    lives.settled(monkeypatch, tmp_path)
    Path("list.csv").write_text(LIST, "utf-8")
    for step in (
        "init crm",
        "import list.csv --yes",
        "contacts set 1 city=Казань --yes",
        "undo 2 --yes",
        "undo 1 --yes",
    ):
        assert ran(*step.split())[0] == 0
    assert left() != set()
    code, _, err = erased("1", "3")
    assert code == 0, err
    assert left() == set()
    assert ran("undo", "4", "--yes")[0] == 0
    assert [row["id"] for row in json.loads(ran("contacts", "list", "--json")[1])] == [2, 4]
    assert left() == set()
    assert ran("history", "verify")[0] == 0
    assert erased("1")[0] == 2


PAGE = f"<table><tr><th>Name</th></tr>\n<tr><td>{MARK} Анна</td><td>Wagtail</td></tr>\n<tr><td>Чиж</td></tr>\n</table>"


def _files():
    """Write files that hold the person and others into the folders of the workspace."""
    other = 'Олег;"Siskin\r\ntwo lines";chizh@pochta.example\r\n'
    theirs = 'Анна;"Wagtail\r\nBunting";ZYABLIKOVA@pochta.example\r\n'
    Path("crm/inbox/done").mkdir()
    Path("crm/inbox/done/list.csv").write_bytes(f"имя;о ком;почта\r\n{other}{theirs}{other}".encode("cp1251"))
    Path("crm/inbox/wide.csv").write_bytes(f"имя;о ком;почта\r\n{theirs}{other}".encode("utf-16"))
    Path("crm/reports/q4.html").write_text(PAGE, "utf-8")
    Path("crm/reports/q4.json").write_text(json.dumps({"who": f"{MARK} Анна", "n": 1}, ensure_ascii=False), "utf-8")
    assert ran("export", "all", "-o", "crm/exports/all.csv")[0] in {0, 2}
    Path("crm/exports/all.csv").write_text("phone\n+7 (916) 000-01-02\n", "utf-8")
    return other


def test_files_are_rewritten_or_named(before):
    other = _files()
    code, out, err = erased("1")
    assert code == 0, err
    assert left("exports") == set()
    rewritten = "inbox/done/list.csv, inbox/wide.csv, rejects/calls.rejected.csv, reports/q4.html, reports/q4.json"
    assert f"Files to be rewritten: {rewritten} Files to look at: exports/all.csv" in " ".join(out.split())
    assert "Look at exports/all.csv" in err
    assert Path("crm/inbox/done/list.csv").read_bytes().decode("cp1251") == f"имя;о ком;почта\r\n{other}{other}"
    assert Path("crm/inbox/wide.csv").read_bytes().decode("utf-16") == f"имя;о ком;почта\r\n{other}"
    page = Path("crm/reports/q4.html").read_text("utf-8")
    assert page == "<table><tr><th>Name</th></tr>\n<tr><td>Чиж</td></tr>\n</table>"
    assert json.loads(Path("crm/reports/q4.json").read_text("utf-8")) == {"who": "(erased)", "n": 1}
    assert "Sanderling" in Path("crm/rejects/calls.rejected.csv").read_text("utf-8-sig")
    assert {path.stat().st_mode & 0o777 for path in Path("crm/inbox").rglob("*.csv")} == {0o600}


def test_a_store_that_was_set_aside_is_erased_too(before):
    Path("crm/rejects/calls.rejected.csv").unlink()
    assert ran("backup", "create", "--plain")[0] == 0
    assert ran("backup", "restore", "--yes")[0] == 0
    (aside,) = Path("crm/backups").glob("replaced-*.db")
    assert "wagtail" in aside.read_bytes().decode("utf-8", "ignore").lower()
    assert erased("1")[0] == 0
    assert {word for word, path in left() if not path.endswith((".zst", ".zst.json"))} == set()


def test_copies_that_hold_them_are_told_with_the_day_they_go(lived, tmp_path, monkeypatch):
    shutil.copytree(lived, tmp_path, dirs_exist_ok=True)
    lives.settled(monkeypatch, tmp_path)
    assert ran("backup", "create", "--plain")[0] == 0
    Path("later.csv").write_text("name;email\nЗоя Зимородок;zoya@pochta.example\n", "utf-8")
    assert ran("import", "later.csv", "--yes")[0] == 0
    rules = Path("crm/rules/backup.toml")
    text = re.sub(r"(?m)^(days|weeks|months) = \d+", r"\1 = 0", rules.read_text("utf-8"))
    rules.write_text(re.sub(r"(?m)^last = \d+", "last = 3", text), "utf-8")
    said = " ".join(ran("contacts", "erase", "1", "--reason", "asked", "--dry-run")[1].split())
    name = next(Path("crm/backups").glob("crm-*.zst")).name
    assert f"{name} 2026-11-21 backups 2026-11-24" in said
    assert "Copies that hold them" not in ran("contacts", "erase", "5", "--reason", "asked", "--dry-run")[1]
    assert erased("1")[0] == 0
    act = next(Path("crm/reports").glob("erasure-*.html")).read_text("utf-8")
    assert f"{name} 2026-11-21 backups 2026-11-24" in " ".join(re.sub(r"<[^>]+>", " ", act).split())


def test_a_copy_of_another_history_may_hold_them(before):
    assert ran("backup", "create", "--plain")[0] == 0
    assert ran("contacts", "tag", "2", "later", "--yes")[0] == 0
    assert ran("backup", "create", "--plain")[0] == 0
    first = min(Path("crm/backups").glob("crm-*.zst")).name
    assert ran("backup", "restore", first, "--yes")[0] == 0
    Path("later.csv").write_text("name;email\nЗоя Зимородок;zoya@pochta.example\n", "utf-8")
    assert ran("import", "later.csv", "--yes")[0] == 0
    facts = json.loads(ran("contacts", "erase", "5", "--reason", "asked", "--dry-run", "--json")[1])["facts"]
    assert [copy["copy"].rpartition("-")[2] for copy in facts["copies"]] == ["18.tar.zst"]


def test_workbooks_that_hold_them_are_counted_and_what_is_no_text_is_left_as_it_is(before):
    Path("crm/rejects/calls.rejected.csv").unlink()
    assert ran("export", "id > 0", "-o", "crm/exports/all.xlsx", "--profile", "excel")[0] == 0
    old = b"\xd0\xcf\x11\xe0\0" + "zyablikova@pochta.example".encode("utf-16-le") + b"\0\n\x01"
    Path("crm/inbox/old.xls").write_bytes(old)
    _, out, err = erased("1")
    assert "Files to look at (2 workbooks): exports/all.xlsx, inbox/old.xls" in " ".join(out.split())
    assert "2 workbooks may hold them still" in err
    assert Path("crm/inbox/old.xls").read_bytes() == old


RETENTION = """[[keep]]
name = "silent leads"
segment = "city = 'Казань'"
silent_months = 36
then = "erase"
[[keep]]
name = "silent others"
segment = "has('email')"
silent_months = 36
"""


def test_who_is_kept_no_longer_is_erased_and_archived_as_one_batch(before, monkeypatch):
    assert ran("contacts", "erase", "--retention", "--yes")[0] == 2  # no rule yet
    Path("crm/rules/retention.toml").write_text(RETENTION, "utf-8")
    assert "To be erased" not in ran("contacts", "erase", "--retention", "--dry-run")[1]
    monkeypatch.setenv("CRMTOOL_NOW", "2030-01-01T09:00:00+00:00")
    code, out, err = ran("contacts", "erase", "--retention", "--yes", "--confirm")
    assert code == 0, err
    assert "To be erased: 1" in out
    assert "To be archived: 2, 4" in out
    assert left() == set()
    assert "retention: silent leads" in next(Path("crm/reports").glob("erasure-*.html")).read_text("utf-8")
    assert ran("contacts", "restore", "2", "--yes")[0] == 0
    assert ran("history", "verify")[0] == 0


def test_who_is_only_archived_can_be_taken_back(before, monkeypatch):
    Path("crm/rules/retention.toml").write_text(RETENTION.replace('then = "erase"\n', ""), "utf-8")
    monkeypatch.setenv("CRMTOOL_NOW", "2030-01-01T09:00:00+00:00")
    assert "Take it back" in ran("contacts", "erase", "--retention", "--yes", "--confirm")[1]
    assert "Nothing to change" in ran("contacts", "erase", "--retention", "--yes")[1]
