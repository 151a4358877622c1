"""Files that only some people can open, in the format of age (age-encryption.org/v1).

Whoever encrypts needs public keys alone. The standard program opens what is made here: `age -d -i KEYFILE FILE`. Plain
text is never left behind: it lives in a private file of its own, which goes in any case.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

from crmtool.core.errors import KeyMissing, StoreDamaged, UsageError
from crmtool.io.writers import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENDING = ".age"
_SECRET = "AGE-SECRET-KEY-"  # noqa: S105  # how a secret begins, not one
_MOST = 100_000  # bytes of a key file
_ANOTHER = "Take another copy of it."


def recipients(given: Iterable[str]) -> list[Any]:
    """Return public keys (age1..., ssh-ed25519 ..., ssh-rsa ...) as age takes them. Raises UsageError."""
    return [_recipient(text.strip()) for text in given]


def _recipient(text: str) -> Any:  # noqa: ANN401  # classes of pyrage, which has no types
    import pyrage

    if text.startswith(_SECRET):  # nothing of it may be shown
        raise UsageError("A secret key was given where a public one belongs.", "Give its line age1... instead.")
    kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
    try:
        return kind.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise UsageError(
            f"{text[:70]!r} is no public key of age.", "It begins with age1; make one with: crmtool backup key -o FILE"
        ) from None


def identities(path: Path) -> list[Any]:
    """Return the secret keys in a file: lines of age, or one private key of SSH. Raises KeyMissing."""
    import pyrage

    try:
        with path.open("rb") as file:
            content = file.read(_MOST)
    except OSError as error:
        raise KeyMissing(f"The key file {path} cannot be read ({error.strerror}).", "Check its name.") from None
    lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
    try:
        if any(line.startswith("-----BEGIN") for line in lines):
            return [pyrage.ssh.Identity.from_buffer(content)]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise KeyMissing(f"{path} holds no secret key of age.", "It has a line that begins with AGE-SECRET-KEY-1.")
    return found


def holds_secret(path: Path) -> bool:
    """Return whether a small file holds a secret key."""
    try:
        if not path.is_file() or path.stat().st_size > _MOST:
            return False
        return f"{_SECRET}1".encode() in path.read_bytes()
    except OSError:
        return False


def new_key(path: Path) -> str:
    """Write a new secret key to a file of its own and return the public one. Raises as `files.atomic` does."""
    import pyrage

    secret = pyrage.x25519.Identity.generate()
    public = str(secret.to_public())
    with files.atomic(path) as temporary:
        temporary.write_text(f"# public key: {public}\n{secret}\n", "ascii")
    return public


def encrypted(plain: Path, target: Path, to: list[Any]) -> None:
    """Encrypt a file for some recipients into a file that is there and empty."""
    import pyrage

    with plain.open("rb") as source, target.open("wb") as sink:
        pyrage.encrypt_io(source, sink, to)


def decrypted(sealed: Path, target: Path, by: list[Any]) -> None:
    """Decrypt a file into a new private one, which does not stay should it fail.

    Raises KeyMissing where none of the keys fits, StoreDamaged where the file was changed or cut.
    """
    import pyrage

    try:
        with sealed.open("rb") as source, private(target) as sink:
            pyrage.decrypt_io(source, sink, by)
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, pyrage.DecryptError) and "matching keys" in str(error):
            raise KeyMissing(
                f"{sealed.name} was not encrypted for this key.", "Give the key of one of its recipients."
            ) from None
        if isinstance(error, pyrage.DecryptError) or (isinstance(error, OSError) and error.errno is None):
            raise StoreDamaged(f"{sealed.name} is damaged: it cannot be decrypted.", _ANOTHER) from None
        raise


@contextmanager
def sealed(path: Path, to: Iterable[str], *, force: bool = False) -> Iterator[Path]:
    """Give a private file to write; after the block only `path`, encrypted for the recipients, is there.

    The file has the ending of `path` without `.age`, for writers that look at it. Raises UsageError for a bad
    recipient, before anything is written, and what `files.atomic` raises.
    """
    keys = recipients(to)
    with files.atomic(path, force=force) as temporary, TemporaryDirectory(prefix=".crmtool-", dir=path.parent) as own:
        plain = Path(own) / path.name.removesuffix(ENDING)  # mkdtemp: the folder is private
        yield plain
        encrypted(plain, temporary, keys)


def private(path: Path) -> IO[bytes]:
    """Open a new file for writing that only its owner may read; there must be none of this name."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
