"""What the bundle starts: the command, as `python -m pos_app` does."""

import sys

from pos_app.cli import main

sys.exit(main())
