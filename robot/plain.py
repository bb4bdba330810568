"""Words from outside (files, pages, systems) made fit to be shown: nothing that a terminal would obey, nothing endless.

Knows nothing of what they mean.
"""

from __future__ import annotations

import errno
import unicodedata

# Longer than any sentence of ours, shorter than a screen.
MOST = 600

_REASONS = {
    errno.EACCES: "vous n'avez pas le droit de l'ouvrir",
    errno.EPERM: "vous n'avez pas le droit de l'ouvrir",
    errno.ENOENT: "il est introuvable",
    errno.ENOTDIR: "un dossier de ce chemin n'en est pas un",
    errno.EISDIR: "c'est un dossier",
    errno.ENAMETOOLONG: "son nom est trop long",
    errno.ELOOP: "ce lien tourne en rond",
    errno.EIO: "le disque ne répond pas",
    errno.ENOSPC: "le disque est plein",
    errno.EROFS: "le dossier est en lecture seule",
}


def clean(text: object) -> str:
    """Text without what a terminal would obey: control characters, line ends, changes of direction."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") else c for c in str(text))


def brief(text: str, most: int = MOST) -> str:
    """Clean text of that length at most; a long one loses its middle, as its ends say what it is about."""
    if len(text) > most:
        text = f"{text[: most * 2 // 3]} […] {text[-most // 3 :]}"
    return clean(text)


def why(error: OSError) -> str:
    """Why the system refused a file, in French where the reason is a usual one."""
    return _REASONS.get(error.errno or 0) or clean(error.strerror or error)
