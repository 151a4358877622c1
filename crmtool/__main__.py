"""`python -m crmtool` is the `crmtool` command."""

from crmtool.cli.main import run

if __name__ == "__main__":
    run()
