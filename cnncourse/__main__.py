"""``python -m cnncourse`` is the console script ``cnncourse``."""

from .cli import main

if __name__ == "__main__":
    main()
