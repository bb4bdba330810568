"""The report of a run: one HTML page that a person likes to read, made from the files of its dossier alone.

It is a view, made again at will; the proof is the files themselves. Knows nothing of events and browsers.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ValidationError

from robot import manifest
from robot.evidence import DossierUnusable
from robot.failures import FileInvalid, Problem
from robot.manifest import Log, Manifest, PictureLog, ReadBack, ReadBackRow, StepLog
from robot.wholefile import write_atomically

Record = TypeVar("Record", bound=BaseModel)

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905
)
CADRES = {
    "A1_FACTURE_FOURNISSEUR": "A1 : dépôt par un fournisseur d'une facture",
    "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE": "A2 : dépôt d'une facture déjà payée",
    "A9_FACTURE_SOUSTRAITANT": "A9 : dépôt d'une facture par un sous-traitant",
    "A12_FACTURE_COTRAITANT": "A12 : dépôt d'une facture par un cotraitant",
}
VAT_TYPES = {
    "EXONERATION": "Exonération",
    "SANS_TVA": "Sans TVA",
    "TVA_SUR_DEBIT": "TVA sur les débits",
    "TVA_SUR_ENCAISSEMENT": "TVA sur les encaissements",
}
GOALS = {"dry-run": "essai à blanc", "draft": "brouillon", "send": "envoi"}
# How a thing of the page was found (the ways of locators.py), and whether that was the expected way.
WAYS = {
    "": ("", True),
    "role": ("par son nom", True),
    "label": ("par son étiquette", True),
    "beside": ("par le texte à côté", True),
    "answers": ("par les réponses proposées", True),
    "hint": ("par l'indication écrite dedans", False),
    "sole": ("seul de son genre à l'écran", False),
    "id": ("par son identifiant relevé", False),
}


@dataclass(frozen=True)
class Verdict:
    """What the reader wants to know first."""

    # good, info, warn or bad.
    tone: str
    headline: str
    # Was anything sent? In one sentence.
    sent: str
    todo: tuple[str, ...]


NOTHING_SENT = "Rien n'a été envoyé."
SAME_COMMAND = "Relancez la même commande"

_VERDICTS = {
    "draft": Verdict(
        "info",
        "Brouillon enregistré, facture non envoyée",
        "Un brouillon est sur le portail : personne d'autre que vous ne le voit.",
        (
            "Relisez-le sur le portail, onglet « Synthèse ».",
            f"{SAME_COMMAND} avec --send pour envoyer la facture.",
        ),
    ),
    "filled": Verdict(
        "info",
        "Essai à blanc réussi",
        "Le formulaire a été rempli, relu, puis abandonné. Rien n'a été enregistré ni envoyé.",
        (f"{SAME_COMMAND} avec --draft pour un brouillon, ou avec --send pour envoyer.",),
    ),
    "already-deposited": Verdict(
        "info",
        "Facture déjà déposée",
        "Elle l'était avant cette exécution. Rien n'a été renvoyé.",
        ("Il n'y a rien à faire. Une autre facture demande un autre numéro.",),
    ),
    "refused": Verdict(
        "bad",
        "Facture refusée",
        NOTHING_SENT,
        ("Corrigez ce que dit le message.", f"{SAME_COMMAND} ensuite."),
    ),
    "file": Verdict(
        "bad",
        "Facture à corriger",
        NOTHING_SENT,
        ("Corrigez ce que dit le message.", f"{SAME_COMMAND} ensuite."),
    ),
    "needs-person": Verdict(
        "warn",
        "Une personne doit continuer",
        NOTHING_SENT,
        ("Faites ce que dit le message.", f"{SAME_COMMAND}."),
    ),
    "portal-unavailable": Verdict(
        "warn", "Portail indisponible", NOTHING_SENT, (f"{SAME_COMMAND} plus tard.",)
    ),
    "screen-changed": Verdict(
        "bad",
        "Arrêt : le portail n'est pas comme prévu",
        NOTHING_SENT,
        (
            "Déposez cette facture à la main si le temps presse.",
            "Envoyez ce compte rendu à la personne qui s'occupe du robot.",
        ),
    ),
    "unknown": Verdict("warn", "Exécution inachevée", NOTHING_SENT, (f"{SAME_COMMAND}.",)),
}


def judge(facts: Manifest) -> Verdict:
    """The verdict of a run. What the portal said weighs more than how the run ended."""
    sending = facts.sending
    if sending and sending.confirmed_at is None and facts.certificate is None:
        return Verdict(
            "bad",
            "Issue inconnue",
            "La confirmation est partie et aucune réponse n'est revenue : la facture est peut-être déposée.",
            (
                "Ne la déposez pas à la main.",
                f"{SAME_COMMAND} : le robot cherche d'abord la facture sur le portail et n'envoie rien deux "
                "fois.",
            ),
        )
    if sending and facts.certificate is None:
        return Verdict(
            "warn",
            "Facture déposée, certificat à récupérer",
            "Le portail a validé la facture, mais son certificat n'a pas pu être gardé.",
            (f"{SAME_COMMAND} : le robot redemande le certificat, sans rien renvoyer.",),
        )
    if facts.certificate and facts.outcome != "already-deposited":
        todo: tuple[str, ...] = (
            "Gardez ce dossier : le certificat est votre preuve de dépôt.",
            "Suivez la facture sur le portail, onglet « Rechercher ».",
        )
        if facts.portal.training:
            todo = ("C'était un exercice : sur Chorus Pro, le robot fera les mêmes gestes.",)
        return Verdict("good", "Facture déposée", "Son certificat de dépôt est gardé et vérifié.", todo)
    is_file_wrong = facts.outcome == "refused" and facts.exit_code == 2
    verdict = _VERDICTS["file" if is_file_wrong else facts.outcome]
    if facts.draft and facts.outcome != "draft":
        sent = f"{verdict.sent} Un brouillon est resté sur le portail."
        return Verdict(verdict.tone, verdict.headline, sent, verdict.todo)
    return verdict


@dataclass
class Step:
    """A step with its pictures, ready to be shown."""

    log: StepLog
    way: str
    is_expected: bool
    pictures: list[PictureLog] = field(default_factory=list)


@dataclass
class Screen:
    """Steps in a row on screens of the same title."""

    title: str
    steps: list[Step] = field(default_factory=list)
    pictures: list[PictureLog] = field(default_factory=list)


def group(log: Log) -> list[Screen]:
    """Steps and pictures by screen, in the order in which they came."""
    titles = {seen.screen: seen.title for seen in log.screens}
    screens: list[Screen] = []
    by_number: dict[int, Step] = {}
    items: list[StepLog | PictureLog] = [*log.steps, *log.pictures]
    for item in sorted(items, key=_instant):
        title = titles.get(item.screen) or item.screen
        if not screens or screens[-1].title != title:
            screens.append(Screen(title))
        if isinstance(item, StepLog):
            way, is_expected = WAYS.get(item.way, (item.way, False))
            step = Step(item, way, is_expected)
            by_number[item.number] = step
            screens[-1].steps.append(step)
        else:
            holder = by_number.get(item.number) or screens[-1]
            holder.pictures.append(item)
    return screens


def _instant(item: StepLog | PictureLog) -> dt.datetime:
    return item.started if isinstance(item, StepLog) else item.at


def change_of(row: ReadBackRow) -> str:
    """What was done to the portal's reading: nothing, « complété », « corrigé »."""
    if _plain(row.recognised) == _plain(row.kept):
        return ""
    return "corrigé" if row.recognised else "complété"


def _plain(value: str) -> str:
    return "".join(value.split()).casefold()


def render(folder: Path, *, zone: dt.tzinfo | None = None) -> str:
    """The page of a dossier, as text. Instants are told in `zone`, the machine's own by default.

    Raises FileInvalid for a folder that is no dossier.
    """
    facts = _load(folder / manifest.MANIFEST, Manifest)
    log = _load(folder / manifest.LOG, Log)
    rows = (
        _load(folder / manifest.READ_BACK, ReadBack).rows if (folder / manifest.READ_BACK).is_file() else ()
    )
    screens = group(log)
    steps = [step for screen in screens for step in screen.steps]
    page = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page.filters |= {
        "fr": typeset,
        "amount": amount,
        "siret": siret,
        "day": day,
        "moment": lambda at: moment(at.astimezone(zone)),
        "clock": lambda at: at.astimezone(zone).strftime("%H:%M:%S"),
        "seconds": seconds,
        "size": size,
        "change": change_of,
    }
    return page.get_template("report.html").render(
        facts=facts,
        log=log,
        verdict=judge(facts),
        rows=rows,
        changed=[row for row in rows if change_of(row)],
        screens=screens,
        steps=steps,
        unexpected=[step for step in steps if not step.is_expected],
        stopped=next((step for step in steps if step.log.ended is None), None)
        if facts.exit_code != 0
        else None,
        images={picture.path: _inline(folder / picture.path) for picture in log.pictures},
        texts={name: _text(folder / name) for name in (manifest.CONFIRMATION, manifest.SUMMARY)},
        manifest_sha256=hashlib.sha256((folder / manifest.MANIFEST).read_bytes()).hexdigest(),
        cadres=CADRES,
        vat_types=VAT_TYPES,
        goals=GOALS,
    )


def write_report(folder: Path) -> Path:
    """Makes, or makes again, the page beside the files that it shows."""
    target = folder / manifest.REPORT
    page = render(folder)
    try:
        write_atomically(target, page.encode(), durable=False)
    except OSError as error:
        raise DossierUnusable(f"{target} ne peut pas être écrit : {error.strerror}.") from error
    return target


def _load(path: Path, record: type[Record]) -> Record:
    try:
        return record.model_validate_json(path.read_bytes())
    except OSError as error:
        cure = "donnez le dossier d'un dépôt, celui qui contient manifest.json"
        raise FileInvalid([Problem(path, 0, f"fichier illisible ({error.strerror})", cure=cure)]) from None
    except ValidationError as error:
        details = error.errors(include_url=False)[0]
        place = ".".join(map(str, details["loc"])) or "le fichier"
        raise FileInvalid([Problem(path, 0, f"« {place} » ne convient pas ({details['msg']})")]) from None


def _inline(path: Path) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(path.read_bytes()).decode() if path.is_file() else ""


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""


# --- as a French reader writes it ---------------------------------------------------------------------------


def typeset(sentence: str) -> str:
    """Keeps « », : ; ! ? with their words at the end of a line."""
    sentence = re.sub(r" (?=[»:;!?])", "\N{NO-BREAK SPACE}", sentence)
    return sentence.replace("« ", "«\N{NO-BREAK SPACE}")


def amount(value: Decimal, currency: str = "EUR") -> str:
    """5 600,00 €"""
    text = f"{value:,.2f}".replace(",", THIN_SPACE).replace(".", ",")
    return f"{text}\N{NO-BREAK SPACE}{'€' if currency == 'EUR' else currency}"


def siret(value: str) -> str:
    """194 409 843 00019"""
    return THIN_SPACE.join((value[:3], value[3:6], value[6:9], value[9:]))


def day(value: dt.date) -> str:
    """31 octobre 2026"""
    return f"{'1er' if value.day == 1 else value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(at: dt.datetime) -> str:
    """31 octobre 2026 à 18:04:02 (UTC+1)"""
    east = int((at.utcoffset() or dt.timedelta()).total_seconds()) // 60
    hours, minutes = divmod(abs(east), 60)
    offset = f"{'-' if east < 0 else '+'}{hours}" + (f":{minutes:02}" if minutes else "") if east else ""
    return f"{day(at.date())} à {at:%H:%M:%S} (UTC{offset})"


def seconds(value: float) -> str:
    """0,4 s; 2 min 05 s"""
    if value < 60:
        return f"{value:.1f}".replace(".", ",") + f"{THIN_SPACE}s"
    return f"{int(value // 60)}{THIN_SPACE}min {int(value % 60):02}{THIN_SPACE}s"


def size(value: int) -> str:
    if value < 1000:
        return f"{value}{THIN_SPACE}octets"
    return (
        f"{value / 1000:.0f}{THIN_SPACE}ko"
        if value < 1_000_000
        else f"{value / 1e6:.1f}{THIN_SPACE}Mo".replace(".", ",")
    )
