"""`python -m service.cli` is `dragoman`."""

from service.cli import main

main()
