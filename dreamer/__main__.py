"""`python -m dreamer` is `dreamer`. It begins with next to nothing, so that Ctrl-C is understood
from the first moment on.
"""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while that is read is no error of ours."""
    try:
        from dreamer.cli import main as run
    except KeyboardInterrupt:
        print("stopped before anything was begun", file=sys.stderr)  # noqa: T201
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
