"""Real public directories through the whole tool: no row lost, no namesake overlooked, everything undone.

To add a directory: a line in `FILES` with what a person has to say about its columns.
"""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from crmtool.io.workspace import Workspace

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "real_directories"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared directories are not beside this repository")

#: file -> options a person has to give, and rows below the header
FILES = {
    "ua_rada4.tsv": ((), 505),
    "ua_rada5.tsv": ((), 478),
    "us_district_offices.csv": (("--column", "official=name"), 1312),  # a heading nobody else uses for a name
    "gb_mps.csv": ((), 675),
    "us_dotgov_full_sample.csv": (("--column", "Security contact email=email"), 4135),
}
PARTS = ("new", "updated", "unchanged", "repeated", "rejected", "blank")


def imported(crm: Callable, name: str) -> dict:
    options, _ = FILES[name]
    done = crm("import", DATA / name, *options, "--yes", "--json")
    assert done.code in {0, 3}, done.err
    return done.document


def names(name: str) -> list[str]:
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        return [row["name"] for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)]


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_somewhere_and_a_second_run_changes_nothing(
    crm: Callable, workspace: Workspace, name: str
) -> None:
    facts = imported(crm, name)["facts"]
    assert facts["read"] == FILES[name][1]
    assert sum(facts[part] for part in PARTS) == facts["read"]
    assert facts["rejected"] == facts["blank"] == 0
    store = workspace.open_store()
    records = store.snapshot("record")
    assert records.height == facts["new"] == facts["read"] - facts["repeated"]
    assert records["row"].n_unique() == records.height
    assert store.verify() == []
    store.close()
    assert imported(crm, name)["tables"] == {}


def test_who_sat_in_both_parliaments_is_joined_or_waits_for_review(crm: Callable, workspace: Workspace) -> None:
    """The truth is a plain comparison of the name columns; names within one file may repeat (by-elections)."""
    imported(crm, "ua_rada4.tsv")
    imported(crm, "ua_rada5.tsv")
    assert crm("duplicates", "find", "--yes", "--quiet").code == 0
    both = set(names("ua_rada4.tsv")) & set(names("ua_rada5.tsv"))
    assert len(both) > 190
    store = workspace.open_store()
    records = store.snapshot("record").sort("id")
    called = dict(zip(records["contact_id"], names("ua_rada4.tsv") + names("ua_rada5.tsv"), strict=True))
    roots = dict(store.snapshot("contact", ["id", "root_id"]).rows())
    verdicts = store.snapshot("verdict").select("left_id", "right_id").rows()
    store.close()
    met = {frozenset((roots[left], roots[right])) for left, right in verdicts}
    of_4 = {name: i for i, name in called.items() if i <= 505}
    of_5 = {name: i for i, name in called.items() if i > 505}
    overlooked = [
        name
        for name in both
        if roots[of_4[name]] != roots[of_5[name]] and frozenset((roots[of_4[name]], roots[of_5[name]])) not in met
    ]
    assert overlooked == []


def test_organisations_behind_one_mailbox_are_not_joined(crm: Callable, workspace: Workspace) -> None:
    """Contractors answer for many towns; a shared address does not make two towns one."""
    imported(crm, "us_dotgov_full_sample.csv")
    store = workspace.open_store()
    contacts = dict(store.snapshot("contact", ["id", "root_id"]).rows())
    records = store.snapshot("record", ["contact_id", "clean"])
    store.close()
    towns: dict[int, set[str]] = {}
    for contact, company in zip(records["contact_id"], records["clean"].str.json_path_match("$.company"), strict=True):
        towns.setdefault(contacts[contact], set()).add(
            " ".join(company.casefold().replace("&", "and").replace("-", " ").split())
        )
    assert [sorted(found) for found in towns.values() if len(found) > 1] == []


def test_a_segment_of_them_exports(crm: Callable, tmp_path: Path) -> None:
    imported(crm, "us_district_offices.csv")
    out = tmp_path / "texas.csv"
    done = crm("export", "region = 'TX'", "-o", out, "--profile", "plain")
    assert done.code == 0, done.err
    with (DATA / "us_district_offices.csv").open(encoding="utf-8", newline="") as handle:
        texas = [row for row in csv.DictReader(handle) if row["state"] == "TX"]
    with out.open(encoding="utf-8-sig", newline="") as handle:
        assert len(list(csv.DictReader(handle))) == len(texas)


def test_undoing_everything_newest_first_leaves_an_empty_base(crm: Callable, workspace: Workspace) -> None:
    done = [imported(crm, name)["changeset"] for name in ("ua_rada4.tsv", "ua_rada5.tsv", "gb_mps.csv")]
    done.append(crm("duplicates", "find", "--yes", "--json").document["changeset"])
    for number in reversed(done):
        assert crm("undo", number, "--yes", "--quiet").code == 0
    store = workspace.open_store()
    left = {t: store.snapshot(t).height for t in ("file", "contact", "record", "channel", "verdict", "reject")}
    assert set(left.values()) == {0}
    assert store.verify() == []
    store.close()
