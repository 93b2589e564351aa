"""File names in a zip: as the archive says they are encoded, else as all of them together suggest."""

from __future__ import annotations

import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence

UTF8_FLAG = 0x800
UNICODE_PATH = 0x7075  # extra field of Info-ZIP with the name in UTF-8
CP437_LETTERS = {*range(0x80, 0x9B), *range(0xA0, 0xA6), 0xE1}  # bytes above 127 that are letters there
HANZI = range(0x4E00, 0xA000)


def decoded_names(infos: Sequence[zipfile.ZipInfo]) -> tuple[list[str], str]:
    """Decode the names of a zip's entries.

    Parameters
    ----------
    infos : sequence of zipfile.ZipInfo

    Returns
    -------
    names : list of str
        With ``/`` between folders, also where the archive has a backslash.
    guess : str
        The encoding that was assumed where the archive says none; empty if all are ASCII, UTF-8 or said.
    """
    flagged = [bool(info.flag_bits & UTF8_FLAG) for info in infos]
    stored = [b"" if said else info.orig_filename.encode("cp437") for info, said in zip(infos, flagged, strict=True)]
    known = [
        info.orig_filename if said else _unicode_path(info, raw)
        for info, said, raw in zip(infos, flagged, stored, strict=True)
    ]
    open_ones = [raw for raw, name in zip(stored, known, strict=True) if name is None and not raw.isascii()]
    encoding = _guess(open_ones)
    names = [name if name is not None else raw.decode(encoding) for raw, name in zip(stored, known, strict=True)]
    return [name.replace("\\", "/") for name in names], "" if encoding == "utf-8" else encoding


def _unicode_path(info: zipfile.ZipInfo, raw: bytes) -> str | None:
    """The name in UTF-8 that Info-ZIP adds to a stored one; None if there is none."""
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        content = extra[4 : 4 + length]
        if kind == UNICODE_PATH and length > 5 and struct.unpack("<I", content[1:5])[0] == zlib.crc32(raw):
            return content[5:].decode("utf-8")
        extra = extra[4 + length :]
    return None


def _guess(raws: Sequence[bytes]) -> str:
    """Guess the one encoding of all names; code page 437, which the format prescribes, if nothing fits better."""
    if all(map(_is_utf8, raws)):
        return "utf-8"
    if all(byte < 0x80 or byte in CP437_LETTERS for raw in raws for byte in raw):
        return "cp437"
    if all(map(_is_gbk, raws)):
        return "gbk"
    return "cp1252" if all(map(_is_cp1252, raws)) else "cp437"


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_gbk(raw: bytes) -> bool:
    """Whether all beyond ASCII are Chinese characters in pairs of bytes that both are above 127."""
    try:
        return all(character.isascii() or ord(character) in HANZI for character in raw.decode("gb2312"))
    except UnicodeDecodeError:
        return False


def _is_cp1252(raw: bytes) -> bool:
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return all(character.isascii() or unicodedata.category(character) in ("Lu", "Ll") for character in text)
