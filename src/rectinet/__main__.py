"""``python -m rectinet`` is the command ``rectinet``."""

from rectinet.cli import main

main()
