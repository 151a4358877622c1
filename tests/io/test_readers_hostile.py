import time

import pytest

HOSTILE = {
    "a line of separators": ("a,b,c\n1,2,3\n" + "," * 2_000_000 + "\n4,5,6\n", 2),
    "lines that look open": ("a,b,c\n" + 'x",",z\n' * 100_000, 100_000),
    "marks never closed": ("a,b\n" + "3,4\n" * 400 + '"1,2\n' * 50_000, 400),
    "a long line": ("a,b\n1," + "x" * 5_000_000 + "\n", 1),
    "blanks": ("a,b\n" + " " * 5_000_000 + "\n1,2\n", 1),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_texts_take_little_time(read, kind):
    text, height = HOSTILE[kind]
    start = time.process_time()
    table = read(text)
    assert table.cells.height == height
    assert table.read == text.count("\n") - 1
    assert time.process_time() - start < 20
