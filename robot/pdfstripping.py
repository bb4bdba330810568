"""The same pages without what is hidden in a PDF: other files, programs, what it claims to be, seals that the copy breaks.

Runs in `pdfworker.py` only. Knows nothing of where the copy goes.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from robot.pdfstructure import nodes, opened

# What a link or the opening of a page may start; the other actions only turn pages or open a web address.
_ACTIONS = {"/JavaScript", "/Launch", "/GoToE", "/ImportData", "/SubmitForm", "/Rendition", "/RichMediaExecute"}
_ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}


class Sealed(Exception):
    """It is encrypted: its owner did not want a copy."""


def stripped(data: bytes) -> bytes:
    """The copy, the same bytes for the same original. Raises Sealed, and whatever the parser meets."""
    with opened(data.rstrip(b"\0\r\n\t ")) as pdf:
        if pdf.is_encrypted:
            raise Sealed
        # All of them before the first change: what is taken out may be the way to others.
        for node in list(nodes(pdf)):
            _strip(node)
        _strip_catalogue(pdf)
        copy = BytesIO()
        pdf.save(copy, deterministic_id=True, preserve_pdfa=False, fix_metadata_version=False)
        return copy.getvalue()


def _strip_catalogue(pdf: Pdf) -> None:
    for key in ("/Metadata", "/Collection", "/Perms", "/Requirements"):
        _drop(pdf.Root, key)
    if isinstance(names := pdf.Root.get("/Names"), Dictionary):
        for key in ("/EmbeddedFiles", "/JavaScript"):
            _drop(names, key)


def _strip(node: Any) -> None:
    # Names of fonts and pictures are free, and may be any of these; what they name has a type, or is a stream.
    if isinstance(files := node.get("/AF"), Array) or (isinstance(files, Dictionary) and "/EF" in files):
        _drop(node, "/AF")
    for key in ("/AA", "/EF"):
        if isinstance(one := node.get(key), Dictionary) and "/Type" not in one:
            _drop(node, key)
    if isinstance(node.get("/JS"), (String, Stream)):
        _drop(node, "/JS")
    if isinstance(node.get("/XFA"), (Array, Stream)):
        _drop(node, "/XFA")
    for key in ("/OpenAction", "/A", "/PA", "/Next"):
        if isinstance(action := node.get(key), Dictionary) and str(action.get("/S", "")) in _ACTIONS:
            _drop(node, key)
    if node.get("/S") == Name.JavaScript:
        # In a list of actions, where it cannot be left out.
        node.S = Name.Named
    if isinstance(marks := node.get("/Annots"), Array):
        node.Annots = Array([mark for mark in marks if not _hides(mark)])
    # Its seal is broken by the copy: a field without a seal says less than a wrong one.
    if node.get("/FT") == Name.Sig:
        _drop(node, "/V")
    _drop(node, "/SigFlags")


def _hides(mark: Any) -> bool:
    """Whether an annotation carries a file, a film or a sound, or is the note of one that does."""
    if not isinstance(mark, Dictionary):
        return False
    parent = mark.get("/Parent")
    kinds = {str(one.get("/Subtype", "")) for one in (mark, parent) if isinstance(one, Dictionary)}
    return not kinds.isdisjoint(_ANNOTATIONS)


def _drop(node: Any, key: str) -> None:
    if key in node:
        del node[key]
