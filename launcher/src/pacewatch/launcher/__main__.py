"""`python -m pacewatch.launcher` is `pacewatch`."""

from pacewatch.launcher.cli import main

main()
