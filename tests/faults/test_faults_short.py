"""A slice of the campaign for every change: each fault a few times, with a seed that always is the same.

`python -m tests.faults` does the same for an hour.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from pos_app.config import Config
from tests.faults import clock, cut_link, disk, failover, kill_server, kill_till, migrations, power_cut
from tests.faults.campaign import Row
from tests.faults.disk_image import why_not
from tests.postgres import PostgresServer

SEED = 7

takes_processes = pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="makes tills by fork")
