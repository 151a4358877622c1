"""What is known of mail servers, put to cleaned columns."""

import polars as pl

from crmtool.core.imports import mail
from crmtool.core.imports.steps import Step
from crmtool.core.normalizers.registry import Settings, normalized


def column(*values):
    return Step("E", "email", normalized("email", pl.Series(values), Settings()))


def test_domains_stand_once_and_in_ascii():
    steps = (column("a@firm.ru", "b@firm.ru", "c@почта.рф", "nothing"), Step("P", "phone", pl.DataFrame({"value": []})))
    assert mail.domains(steps).to_list() == ["firm.ru", "xn--80a1acny.xn--p1ai"]


def test_an_address_without_a_server_is_kept_and_told():
    states = pl.DataFrame({"domain": ["gone.ru", "far.ru"], "state": ["refuses", "unknown"]})
    (step,) = mail.told((column("a@gone.ru", "b@far.ru", "c@firm.ru"),), states)
    rows = {row["value"]: (row["clean"], row["code"], row["status"]) for row in step.values.to_dicts()}
    assert rows["a@gone.ru"] == ("a@gone.ru", "email.no_server", "invalid")
    assert rows["b@far.ru"] == ("b@far.ru", "email.not_asked", "valid")
    assert rows["c@firm.ru"] == ("c@firm.ru", None, "valid")
