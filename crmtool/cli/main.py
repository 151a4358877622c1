"""The command `crmtool`: runs a command line, maps every error to its exit code, and never shows a value in a trace."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from types import FrameType
from typing import Any, NoReturn

import typer
from typer.exceptions import Abort, TyperException

from crmtool import __version__
from crmtool.cli import nouns, screen
from crmtool.core.errors import CrmError, NotWritable

_INTERRUPTED, _TERMINATED, _BUG = 130, 143, 1
_OBJECTS = 20_000  # made before cycles are looked for: starting makes many, none of them garbage
#: What is the fault of a disk, of permissions or of a machine that has no more of something.
_MACHINE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM),
    *(errno.EMFILE, errno.ENFILE, errno.ENOMEM),
}

app = typer.Typer(
    name="crmtool",
    cls=nouns.Root,
    help="Contact data hygiene: messy lists in, one clean base, every change reviewed and undoable.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"crmtool {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    workspace: str = typer.Option("", help="The workspace folder.", show_default=False),
    role: str = typer.Option("", "--as", metavar="ROLE", help="Take another role of yours.", show_default=False),
    version: bool = typer.Option(False, "--version", help="Show the version.", is_eager=True, callback=_version),  # noqa: ARG001  # its callback acts
) -> None:
    if workspace:
        os.environ["CRMTOOL_WORKSPACE"] = workspace
    if role:
        os.environ["CRMTOOL_AS"] = role


class _Terminated(BaseException):
    """The process was asked to end; whatever is open is rolled back."""


def run() -> NoReturn:
    """Run the command line and leave with its exit code."""
    os.umask(0o077)
    # polars' allocator would keep freed memory for ten seconds: at a million rows that is half of the peak
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0")
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # it would look through every package for some
    gc.set_threshold(_OBJECTS)
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(_code())


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise _Terminated


def _code(arguments: list[str] | None = None, facts: Mapping[str, Any] | None = None) -> int:  # noqa: PLR0911  # one return for each way a run can end
    """Run a command line and return its exit code; `facts` are of the pipeline that it is a step of."""
    try:
        result = app(arguments, standalone_mode=False, obj=facts)
        sys.stdout.flush()
    except CrmError as error:
        return _refused(error)
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # its message is the whole help page
            print(error.format_message())
            return 2
        message = error.format_message().replace(
            ": Value error, ", ": "
        )  # of pydantic, which typer checks choices with
        screen.remark(f"crmtool: {message}")
        screen.remark("  See how with: crmtool --help, or COMMAND --help")
        return 2
    except (Abort, KeyboardInterrupt):
        return _ended("Interrupted", _INTERRUPTED)
    except _Terminated:
        return _ended("Terminated", _TERMINATED)
    except (BrokenPipeError, SystemExit):  # typer exits by itself only where nobody reads the output
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  # the last resort: a bug is reported without anybody's data
        return _failed(error) if isinstance(error, OSError) and error.errno in _MACHINE else _bug(error)
    if result == _INTERRUPTED:  # typer has caught the interrupt and hands over a code
        return _ended("Interrupted", _INTERRUPTED)
    return result if isinstance(result, int) else 0


def _refused(error: CrmError) -> int:
    screen.remark(f"crmtool: {error.message}")
    for problem in error.problems:
        screen.remark(f"  {problem}")
    if error.hint:
        screen.remark(f"  {error.hint}")
    return error.exit_code


def _failed(error: OSError) -> int:
    """Say what the machine did not do, wherever it was asked."""
    what = f"{error.filename} cannot be used" if error.filename else "A file cannot be used"
    return _refused(NotWritable(f"{what} ({error.strerror}).", "Check the disk and the permissions."))


def _ended(how: str, code: int) -> int:
    """Say that the run was stopped; whether it was before or after the change was applied, the history knows."""
    print(f"crmtool: {how}; nothing is half done.\n  See what was applied with: crmtool history", file=sys.stderr)
    return code


def _bug(error: Exception) -> int:
    """Report where it broke and what kind of error it was; the message may hold data and is shown only on demand."""
    print(f"crmtool: a bug: {type(error).__name__}", file=sys.stderr)
    for frame in traceback.extract_tb(error.__traceback__):
        print(f"  {frame.filename}:{frame.lineno} {frame.name}", file=sys.stderr)
    if os.environ.get("CRMTOOL_DEBUG"):
        print(f"  {error}", file=sys.stderr)
    else:
        print(
            "  Nothing is half done; crmtool history shows what was applied. See the message with: CRMTOOL_DEBUG=1",
            file=sys.stderr,
        )
    return _BUG
