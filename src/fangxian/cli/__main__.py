"""`python -m fangxian.cli`: the same as `fangxian`."""

from fangxian.cli import main

main()
