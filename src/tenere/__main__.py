"""python -m tenere."""

import sys

from tenere.cli import main

sys.exit(main())
