import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtool.core.errors import UsageError
from crmtool.io.readers import encodings

RUSSIAN = "ФИО;Город\nСидоров Пётр Ильич;Нижний Новгород\nКузнецова Анна Юрьевна;Екатеринбург\n"
UKRAINIAN = "ПІБ;Місто\nЄвтушенко Любов Іллівна;Київ\nЩербань Їжак Олексійович;Запоріжжя\n"


@pytest.mark.parametrize("look", [str, str.upper, str.lower])
@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "mac-cyrillic", "iso8859-5"])
def test_russian_is_told_by_its_letters(encoding, look):
    data = look(RUSSIAN).encode(encoding)
    guess = encodings.detected(data)
    assert guess.guessed
    assert data.decode(guess.encoding) == look(RUSSIAN)


@pytest.mark.parametrize("look", [str, str.upper, str.lower])
@pytest.mark.parametrize("encoding", ["cp1251", "koi8-u", "cp1125", "mac-cyrillic"])
def test_ukrainian_is_told_by_its_letters(encoding, look):
    data = look(UKRAINIAN).encode(encoding)
    assert data.decode(encodings.detected(data).encoding) == look(UKRAINIAN)


@pytest.mark.parametrize("name", ["José Peña", "Müller, Straße 5", "François Noël", "Bjørn Ångström", "ÉTIENNE"])
def test_western_names_are_not_taken_for_cyrillic(name):
    data = f"name;city\n{name};x\n".encode("cp1252")
    assert data.decode(encodings.detected(data).encoding) == data.decode("cp1252")


def test_one_letter_far_down_is_found():
    data = b"name,phone\n" + b"Anna,12345\n" * 50_000 + "Сергей Прокофьев,1\n".encode("cp1251")
    assert encodings.detected(data) == ("cp1251", True)


def test_marks_and_plain_ascii_are_no_guess():
    assert encodings.detected(b"name,phone\n") == ("utf-8", False)
    assert encodings.detected("имя".encode("utf-16")) == ("utf-16-le", False)
    assert encodings.detected("имя,город\n".encode()) == ("utf-8", False)


def test_a_beginning_is_cut_after_a_whole_line():
    text = encodings.decoded("имя\nАнна\nБор".encode()[:-1], None, whole=False)
    assert text.utf8.decode() == "имя\nАнна\n"
    assert not text.damaged


def test_a_few_bad_bytes_do_not_make_utf8_something_else():
    text = encodings.decoded("имя\nАнна\nПётр\n".encode() + b"\xcf\xf0\n", None, whole=True)
    assert (text.encoding, text.damaged, text.guessed) == ("utf-8", True, False)
    assert text.utf8.decode().endswith("\ufffd\ufffd\n")


@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_told_by_their_mark_or_their_zeros(encoding, mark):
    if encoding.startswith("utf-32") and not mark:
        pytest.skip("UTF-32 without a mark is not met")
    text = "имя;город\r\nАнна;Київ\r\n" * 5
    data = (("\ufeff" if mark else "") + text).encode(encoding)
    assert encodings.detected(data) == (encoding, False)
    assert encodings.decoded(data, None, whole=True).utf8.decode() == text


@pytest.mark.parametrize("look", [str, str.upper, str.lower])
@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "iso8859-5"])
@pytest.mark.parametrize("name", ["Семёнова Ольга", "Хабибуллин", "Юдин Яков", "Нечаев-Щукин Фёдор"])
def test_one_russian_name_among_ascii_is_enough(name, encoding, look):
    text = "id;name;phone\n" + "7;Smith;+7 916 555 01 02\n" * 40 + f"8;{look(name)};\n"
    assert encodings.decoded(text.encode(encoding), None, whole=True).utf8.decode() == text


@pytest.mark.parametrize("look", [str, str.upper, str.lower])
@pytest.mark.parametrize("encoding", ["cp1251", "koi8-u", "cp1125"])
@pytest.mark.parametrize("name", ["Гнатюк Ірина", "Лисенко Євген", "Олійник Юлія", "Цимбалюк Ігор"])
def test_one_ukrainian_name_among_ascii_is_enough(name, encoding, look):
    text = "id;name;phone\n" + "7;Smith;+380 67 555 01 02\n" * 40 + f"8;{look(name)};\n"
    assert encodings.decoded(text.encode(encoding), None, whole=True).utf8.decode() == text


@pytest.mark.parametrize("encoding", ["cp1250", "iso8859-2"])
@pytest.mark.parametrize("name", ["Wójcik Małgorzata", "Żółkiewski Łukasz", "Gołąb, Częstochowa"])
def test_polish_is_told_from_western_letters(name, encoding):
    text = f"name;city\n{name};Kraków\n"
    assert encodings.decoded(text.encode(encoding), None, whole=True).utf8.decode() == text


@pytest.mark.parametrize("encoding", ["cp850", "cp437", "mac-roman"])
def test_western_letters_of_other_machines(encoding):
    text = "name;city\nMüller Günther;Köln\nSchröder Käthe;Düsseldorf\n"
    assert encodings.decoded(text.encode(encoding), None, whole=True).utf8.decode() == text


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("win1251", "cp1251"),
        ("Windows-1251", "cp1251"),
        ("windows 1251", "cp1251"),
        ("1251", "cp1251"),
        ("ANSI", "cp1251"),
        ("utf8", "utf-8"),
        ("UTF-8-SIG", "utf-8"),
        ("utf-8 BOM", "utf-8"),
        ("KOI8R", "koi8-r"),
        ("dos", "cp866"),
        ("IBM866", "cp866"),
        ("x-mac-cyrillic", "mac-cyrillic"),
        ("latin1", "iso8859-1"),
    ],
)
def test_encodings_are_known_by_the_names_people_use(said, name):
    assert encodings.known(said) == name


@pytest.mark.parametrize("said", ["klingon", "", "rot13", "hex", "../../etc", "1251x"])
def test_unknown_encodings_are_refused_with_the_known_ones(said):
    with pytest.raises(UsageError, match="no encoding") as refusal:
        encodings.known(said)
    assert "cp1251" in refusal.value.hint


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_decoded(data):
    assert encodings.decoded(data, None, whole=True).utf8.decode() is not None


@given(st.text(alphabet="абвгґдеєжзиіїйклмнопрстуфхцчшщьюя abc,;\n", max_size=60))
def test_utf8_is_never_taken_for_anything_else(text):
    assert encodings.detected(text.encode()) == ("utf-8", False)


def test_a_mixed_file_stays_utf8():
    good = "".join(f"{n};Анна;Київ\n" for n in range(20)).encode()
    text = encodings.decoded(good + "21;Олег;Львів\n".encode("cp1251") + good, None, whole=True)
    assert (text.encoding, text.damaged) == ("utf-8", True)
    assert [number for number, line in enumerate(text.utf8.decode().splitlines()) if "\ufffd" in line] == [20]
