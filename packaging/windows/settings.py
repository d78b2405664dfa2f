"""Write the sample of settings as Windows has its places, with the ends of lines that its editors like.

Called as `settings.py packaging/config.toml > config.toml`. Ends with an error where the sample no longer says what is
to be put in Windows' words.
"""

import sys
from pathlib import Path

WORDS = {
    "# ~/.local/share/bookstore-pos.": "# %LOCALAPPDATA%\\bookstore-pos\\bookstore-pos.",
    '"/srv/bookstore-pos"': '"C:/ProgramData/Bookstore POS/shop"',
    "PostgreSQL's own ~/.pgpass, PGPASSFILE": "PostgreSQL's own %APPDATA%\\postgresql\\pgpass.conf, PGPASSFILE",
    '"file:/dev/usb/lp0"': '"file:C:/receipts.bin"',
    '"serial:/dev/ttyUSB0" or "serial:/dev/ttyUSB0@38400"': '"serial:COM3" or "serial:COM3@38400"',
}


def for_windows(sample: str) -> str:
    """Put what is different there in its place. Raises ValueError where it is not found."""
    for ours, theirs in WORDS.items():
        if ours not in sample:
            raise ValueError(f"the sample does not say {ours}")
        sample = sample.replace(ours, theirs)
    return sample.replace("\n", "\r\n")


if __name__ == "__main__":
    sys.stdout.buffer.write(for_windows(Path(sys.argv[1]).read_text("utf-8")).encode())
