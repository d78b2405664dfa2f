"""Spreadsheets written for tests: by the XML or the records they are made of, as no library writes all of them."""

import csv
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

ODS = "application/vnd.oasis.opendocument.spreadsheet"
CONTENT = """<?xml version="1.0" encoding="UTF-8"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
 <table:table table:name="Titles">{}</table:table></office:spreadsheet></office:body></office:document-content>"""


def open_document(path: Path, rows: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", ODS)
        packed.writestr("content.xml", CONTENT.format(rows))
        manifest = (
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/></manifest:manifest>'
        )
        packed.writestr("META-INF/manifest.xml", manifest)
    return path


def ods_row(*texts: str, repeated: str = "") -> str:
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in texts
    )
    return f"<table:table-row{repeated}>{cells}</table:table-row>"


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def old(folder: Path, sheet: bytes, texts: bytes = b"", *, sheets: int = 1, also: str = "") -> Path:
    """Write a file of the old format around the records of its sheet: first its links, then its list, then the rest."""
    begin = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    place = len(begin) + sheets * 13 + len(texts) + 4
    stream = begin + record(0x85, struct.pack("<IBBBBs", place, 0, 0, 1, 0, b"a")) * sheets + texts + record(0x0A, b"")
    stream += record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + sheet + record(0x0A, b"")
    stream = stream.ljust(4_096, b"\0") + b"\0" * (-max(len(stream), 4_096) % 512)
    count = len(stream) // 512
    tables = -(-(count + 1) // 127)
    links = [0xFFFFFFFD] * tables + [0xFFFFFFFE, *range(tables + 2, tables + 1 + count), 0xFFFFFFFE]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += b"\0" * 10 + struct.pack("<9I", tables, tables, 0, 4_096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)[:36]
    header = header[:76] + struct.pack("<109I", *range(tables), *[0xFFFFFFFF] * (109 - tables))
    entries = [("Root Entry", 5, 0xFFFFFFFE, 0), ("Workbook", 2, tables + 1, len(stream)), (also, 1, 0, 0)]
    listed = b"".join(
        (name + "\0").encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII", 2 * len(name) + 2 if name else 0, kind if name else 0, 1, *[0xFFFFFFFF] * 2, 1)
        + b"\0" * 36
        + struct.pack("<III", start, size, 0)
        for name, kind, start, size in entries
    )
    table = struct.pack(f"<{len(links)}I", *links).ljust(tables * 512, b"\xff")
    path = folder / "a.xls"
    path.write_bytes(header + table + listed.ljust(512, b"\0") + stream)
    return path


def old_cell(row: int, column: int, text: str = "") -> bytes:
    """A cell with a text of its own, or with the first of the shared ones."""
    if not text:
        return record(0xFD, struct.pack("<HHHI", row, column, 0, 0))
    return record(0x204, struct.pack("<HHHHB", row, column, 0, len(text), 0) + text.encode())


def write_table(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write a table in the format that the file's name says."""
    match path.suffix:
        case ".xlsx":
            with xlsxwriter.Workbook(path) as book:
                sheet = book.add_worksheet()
                for place, row in enumerate(rows):
                    sheet.write_row(place, 0, row)
        case ".ods":
            open_document(path, "".join(ods_row(*row) for row in rows))
        case ".xls":
            cells = [(place, at, text) for place, row in enumerate(rows) for at, text in enumerate(row) if text]
            path.write_bytes(old(path.parent, b"".join(old_cell(*cell) for cell in cells)).read_bytes())
        case _:
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
