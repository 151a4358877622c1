import pytest

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
