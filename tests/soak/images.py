"""What a disk may hold after the power went: images made of the calls by which a command changed files.

strace records the calls. Up to a moment they are played again on a model of the disk: what was synced stays, of what
was not any part may be there or not, writes by sectors, names in their order. Nothing is promised that POSIX does not:
the name of a new file stays only when its folder was synced. A call that changes files and is not known here ends the
recording: to know one more, `_made` and `Disk.play`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
_WRITES = ("pwrite64", "write", "ftruncate", "fsync", "fdatasync")
_NAMES = ("openat", "unlink", "unlinkat", "rename", "link", "mkdir", "rmdir", "lseek")
_UNKNOWN = ("pwritev", "pwritev2", "writev", "truncate", "fallocate", "copy_file_range", "sendfile", "mmap")
_UNKNOWN += ("renameat", "renameat2", "linkat", "symlink", "sync_file_range")
_HEX = re.compile(r"(?:\\x[0-9a-f]{2})+")
_CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
_DONE = re.compile(rb"(Applied|Erased) as \d|Restored\.")
_SHARED = re.compile(r"PROT_WRITE.*MAP_SHARED")


@dataclass(frozen=True)
class Call:
    """A call that went well: its name, the path it was about, and what else it said."""

    name: str
    path: str
    data: bytes = b""
    at: int = 0  # where it wrote; to how much it cut
    other: str = ""  # the second name


def recorded(arguments, root, trace):
    """Run a command of crmtool under strace; return its exit code, its calls about `root`, and when it said done.

    That is how many calls were made before.
    """
    calls = ",".join((*_WRITES, *_NAMES, *_UNKNOWN))
    strace = ["strace", "-f", "-qq", "-y", "--seccomp-bpf", "-xx", "-s", "100000000", "-o", str(trace)]
    command = [sys.executable, "-m", "crmtool", *arguments, "--workspace", str(root), "--yes"]
    done = subprocess.run(
        [*strace, "-e", f"trace={calls}", "--", *command], capture_output=True, check=False, timeout=300
    )
    made, told = _read(trace, str(root))
    return done.returncode, made, told


def _read(trace, root):
    """Return the calls of a trace about files in a folder, and how many there were before it was told as done."""
    made, told, places = [], None, {}
    for line in _joined(trace):
        said = _CALL.match(line)
        if not said or int(said[4]) < 0:
            continue
        name, given, result = said[2], _arguments(said[3]), int(said[4])
        if name == "write" and given[0].startswith("1<") and told is None and _DONE.search(_bytes(given[1])):
            told = len(made)
        if call := _call(name, given, result, line, root, places):
            made.append(call)
    return made, told


def _joined(trace):
    """Yield the lines of a trace, those that were cut because another thread went on made whole."""
    open_ = {}
    for line in trace.read_text("ascii").splitlines():
        thread = line.split(" ", 1)[0]
        if line.endswith("<unfinished ...>"):
            open_[thread] = line.removesuffix("<unfinished ...>").rstrip()
        elif " resumed>" in line:
            yield open_.pop(thread) + line.split(" resumed>", 1)[1]
        else:
            yield line


def _arguments(text):
    return [part.strip() for part in text.split(", ")]


def _bytes(text):
    found = _HEX.search(text)
    return bytes.fromhex(found[0].replace("\\x", "")) if found else b""


def _path(text):
    """Return the path of a descriptor (`5<...>`), or the one that stands in quotes."""
    inner = text[text.index("<") + 1 :].removesuffix(">") if "<" in text and not text.startswith('"') else text
    return os.fsdecode(_bytes(inner) or inner.strip('"').encode())


def _call(name, given, result, line, root, places):
    """Return what a line of the trace did to a file in a folder, or None."""
    if name in {"openat", "unlinkat"}:
        given = [os.path.join(_path(given[0]), _path(given[1])), *given[2:]]  # noqa: PTH118  # of a folder that is open
        if name == "unlinkat":
            return Call("unlink", given[0]) if given[0].startswith(root) and "AT_REMOVEDIR" not in given[1] else None
        return _opened(given, result, root, places)
    named = given[:1] if name in _WRITES else given
    paths = [_path(each) for each in named if each.startswith('"') or "<" in each]
    if not any(path.startswith(root) for path in paths):
        return None
    if name in _UNKNOWN:
        assert name == "mmap", f"a call that is not known: {line[:200]}"
        assert paths[0].endswith("-shm") or not _SHARED.search(line), line[:200]
        return None
    return _made(name, given, result, paths, places)


def _opened(given, result, root, places):
    """Return what opening a file did: nothing, where it was there and stayed as it was."""
    path, ways = given[0], given[1].split("|")
    places.pop(result, None)
    if not path.startswith(root):
        return None
    places[result] = 0
    assert "O_APPEND" not in ways, path
    wanted = [way for way in ("O_CREAT", "O_TRUNC") if way in ways]
    return Call("open", path, other=" ".join(wanted)) if wanted else None


def _made(name, given, result, paths, places):
    descriptor = int(given[0].split("<")[0]) if "<" in given[0] else None
    if name == "lseek":
        places[descriptor] = result
        return None
    if name == "write":
        places[descriptor] += result
        return Call(name, paths[0], _bytes(given[1])[:result], places[descriptor] - result)
    if name == "pwrite64":
        return Call("write", paths[0], _bytes(given[1])[:result], int(given[3]))
    if name == "ftruncate":
        return Call("cut", paths[0], at=int(given[1]))
    if name in {"fsync", "fdatasync"}:
        return Call("sync", paths[0])
    return Call(name, paths[0], other=paths[1] if name in {"rename", "link"} else "")


# -- the disk -------------------------------------------------------------------------------------------------------


@dataclass
class File:
    """A file on the model: what is safe, and the writes and cuts that are not."""

    safe: bytearray
    loose: list[Call] = field(default_factory=list)


class Disk:
    """Files by name as they are, as they safely are, and the changes of names in between."""

    def __init__(self, before, root):
        """Begin with the files of a folder, as if they lay in `root`."""
        every = [path for path in before.rglob("*") if path.is_file()]
        self.names = {str(root / path.relative_to(before)): File(bytearray(path.read_bytes())) for path in every}
        self.safe = dict(self.names)
        self.loose = []  # (folders, name, the file it then means or None)

    def play(self, call, *, honest=True):
        """Let a call happen; without `honest` a sync only says that it did something."""
        if call.name in {"write", "cut"}:
            self.names[call.path].loose.append(call)
        elif call.name == "sync":
            if honest:
                self._sync(call.path)
        elif call.name == "open":
            self._open(call)
        elif call.name in {"unlink", "rename", "link"}:
            self._rename(call)

    def _open(self, call):
        if call.path not in self.names:
            self._named(call.path, File(bytearray()))
        elif "O_TRUNC" in call.other:
            self.names[call.path].loose.append(Call("cut", call.path))

    def _rename(self, call):
        file = self.names[call.path]
        if call.name != "unlink":
            self._named(call.other, file)
        if call.name != "link":
            self._named(call.path, None)

    def _named(self, name, file):
        self.loose.append((name, file))
        _put(self.names, name, file)

    def _sync(self, path):
        if path in self.names:
            file = self.names[path]
            file.safe = played(file.safe, file.loose)
            file.loose.clear()
            return
        mine = [change for change in self.loose if str(Path(change[0]).parent) == path]
        for change in mine:
            _put(self.safe, *change)
            self.loose.remove(change)

    def lost(self, dice):
        """Return what is on the disk after the power went (name -> bytes); the dice say what of the loose is there."""
        names = dict(self.safe)
        for change in self.loose[: dice.choice([0, len(self.loose), dice.randint(0, len(self.loose))])]:
            _put(names, *change)
        left = {id(file): _remains(file, dice) for file in names.values()}
        return {name: left[id(file)] for name, file in names.items()}


def _put(names, name, file):
    if file is None:
        names.pop(name, None)
    else:
        names[name] = file


def played(content, calls):
    """Return the content of a file after writes and cuts."""
    after = bytearray(content)
    for call in calls:
        if call.name == "cut":
            del after[call.at :]
            after.extend(bytes(call.at - len(after)))
        else:
            after.extend(bytes(max(call.at - len(after), 0)))
            after[call.at : call.at + len(call.data)] = call.data
    return after


def _remains(file, dice):
    """Return a file of which the loose is there in full, not at all, or in part."""
    way = dice.choice(["none", "all", "some", "torn"])
    if way in {"none", "all"}:
        return bytes(played(file.safe, file.loose if way == "all" else []))
    kept = [call for call in file.loose if dice.random() < 0.5]
    pieces = [piece for call in kept for piece in ([call] if way == "some" else _torn(call, dice))]
    return bytes(played(file.safe, pieces))


def _torn(call, dice):
    """Yield the sectors of a write that reached the disk."""
    if call.name == "cut":
        yield call
        return
    start, end = call.at, call.at + len(call.data)
    while start < end:
        stop = min((start // SECTOR + 1) * SECTOR, end)
        if dice.random() < 0.7:
            yield Call("write", call.path, call.data[start - call.at : stop - call.at], start)
        start = stop
