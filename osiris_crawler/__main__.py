"""Where the process begins: an interruption while the program is still being loaded ends it in good order too."""

import sys


def run() -> None:
    """`osiris` and `python -m osiris_crawler`."""
    try:
        from osiris_crawler.cli import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
