"""What `documents.toml` may say; what makes no sense is refused."""

import pytest
from pydantic import ValidationError

from crmtool.core.document_rules import Documents


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pattern": "{date}_{kind}"}, "the pattern has"),
        ({"pattern": "{date}"}, "the pattern has"),
        ({"pattern": "{date}_{date}_{type}"}, "the pattern has"),
        ({"folder": "deals"}, "a folder has"),
        ({"folder": "{deal}_{key}"}, "a folder has"),
        ({"required": {"won": ["invoice"]}}, "no type is called invoice"),
        ({"type": {"act": ["Акт"], "deed": ["АКТ"]}}, "stands for two types: акт"),
    ],
)
def test_what_makes_no_sense_is_refused(given, said):
    with pytest.raises(ValidationError, match=said):
        Documents.model_validate(given)


def test_a_type_is_known_by_its_words_and_by_itself():
    assert Documents(type={"invoice": ("Счёт",)}).words() == {"invoice": "invoice", "счет": "invoice"}
