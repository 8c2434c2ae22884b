"""corpintel's way in: Ctrl-C has its answer before anything slow is imported."""

import atexit
import os
import sys

from flows.cli.ending import end_when_told


def main() -> None:
    """Run the command line: exit code 2 for a wrong request, 1 for a night that failed."""
    end_when_told()
    from flows.cli.commands import command_line

    try:
        # Alone, the command is a request for help and not a mistake.
        command_line()(sys.argv[1:] or ["--help"])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception as error:
        code = _told(error)
    if "prefect" in sys.modules:
        _leave(code)
    raise SystemExit(code)


def _told(error: Exception) -> int:
    """Print what went wrong, in one line where it is one of ours; return the exit code."""
    # What knows all our errors imports much that a command which ends well can do without.
    from flows.cli.refusals import failures, refusals

    if isinstance(error, refusals()):
        print(f"corpintel: {error}", file=sys.stderr)
        return 2
    if isinstance(error, failures()):
        print(f"corpintel: {error}; readers stay on the last good night", file=sys.stderr)
    else:
        import traceback  # brings much, before Ctrl-C has its answer

        traceback.print_exception(error)
    return 1


def _leave(code: int) -> None:
    """Do what is due at exit and end without the interpreter's own farewell.

    Prefect's daemon threads still run then, and one that is inside a compiled library aborts the
    process ("FATAL: exception not rethrown"): a night that published would end with code 134.
    """
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
