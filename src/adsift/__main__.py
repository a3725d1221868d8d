"""``python -m adsift``: the command line where no ``adsift`` script is installed."""

from adsift.cli import main

main()
