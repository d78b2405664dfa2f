"""Run a command with the address of a real PostgreSQL's new database in POS_SERVER_URL; the server goes with it.

Called as `with_server.py COMMAND WORDS…` in the environment of the tests, which start theirs the same way.
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))
from tests.postgres import running_server

with running_server() as server:
    environ = {**os.environ, "POS_SERVER_URL": server.create_database()}
    code = subprocess.run(sys.argv[1:], env=environ, check=False).returncode  # noqa: S603 - what the caller named
sys.exit(code)
