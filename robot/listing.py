"""How the journal is told: aligned lines for a terminal, cells for a spreadsheet, plain data for programs.

Pure functions of what `ledger.py` gives. No word of a portal can move a cursor or start a formula here.
"""

from __future__ import annotations

import csv
import io
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from robot.journal import Run
from robot.ledger import WORDS, Entry, FileState, Passage, Proof, Tale
from robot.plain import clean

# A run's goal as a person reads it, and as it is typed.
GOALS = {"dry-run": "essai (--dry-run)", "draft": "brouillon (--draft)", "send": "envoi (--send)"}
_FILE_WORDS: dict[FileState | None, str] = {
    None: "",
    FileState.INTACT: "intact",
    FileState.CHANGED: "MODIFIÉ",
    FileState.ABSENT: "ABSENT",
    FileState.UNREADABLE: "ILLISIBLE",
    FileState.ELSEWHERE: "ailleurs",
}
_HEADINGS = ("état", "numéro", "fournisseur", "destinataire", "portail", "modifiée le", "certificat")


def moment(at: datetime, *, seconds: bool = False) -> str:
    """An instant in the user's own time."""
    return at.astimezone().strftime("%d/%m/%Y %H:%M:%S" if seconds else "%d/%m/%Y %H:%M")


def portal_of(entry: Entry) -> str:
    """Name and host of a portal; a replica says that it is one."""
    if entry.is_training:
        return "réplique d'entraînement"
    host = entry.deposit.key.portal
    return f"{entry.place} ({host})" if entry.place else host


# --- the list -------------------------------------------------------------------------------------------------


def attention(listed: Sequence[Entry]) -> str:
    """One sentence: what should not be forgotten."""
    counts = Counter(
        "certificat introuvable" if entry.has_lost_certificate else entry.words
        for entry in listed
        if entry.needs_attention
    )
    if not counts:
        return "Rien ne demande votre attention."
    total = sum(counts.values())
    verb = "factures demandent" if total > 1 else "facture demande"
    return f"{total} {verb} votre attention ({', '.join(f'{words} : {n}' for words, n in counts.most_common())})."


def table(listed: Sequence[Entry], width: int | None) -> list[str]:
    """Lines of a table; within `width` columns each invoice takes two or three lines, and without it, one."""
    rows = [_cells(entry) for entry in listed]
    sizes = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    if width is None or sum(sizes) + 2 * (len(sizes) - 1) <= width:
        return [_aligned([heading.upper() for heading in _HEADINGS], sizes), *(_aligned(row, sizes) for row in rows)]
    lines = []
    number, state = min(sizes[1], 24), sizes[0]
    for words, invoice, supplier, recipient, portal, at, certificate in rows:
        lines.append(shortened(f"{shortened(invoice, number):<{number}}  {words:<{state}}  {at}", width))
        lines.append(shortened(f"    {supplier} → {recipient}  {portal}", width))
        if certificate:
            lines.append("    " + shortened(certificate, width - 4, keep_end=True))
    return lines


def _cells(entry: Entry) -> tuple[str, ...]:
    deposit = entry.deposit
    certificate = near(deposit.certificate) if deposit.certificate else ""
    if entry.has_lost_certificate:
        certificate += " (introuvable)"
    words = entry.words + (" (exécution en cours)" if entry.is_held else "")
    known = (words, entry.number, deposit.key.supplier, deposit.content.recipient, portal_of(entry))
    return tuple(map(clean, (*known, moment(deposit.updated), certificate)))


def _aligned(cells: Sequence[str], sizes: Sequence[int]) -> str:
    return "  ".join(f"{cell:<{size}}" for cell, size in zip(cells, sizes, strict=True)).rstrip()


def shortened(text: str, width: int, *, keep_end: bool = False) -> str:
    """At most `width` characters, with … where some are left out: at the end, or at the beginning of a path."""
    if len(text) <= width:
        return text
    return "…" + text[len(text) - width + 1 :] if keep_end else text[: width - 1] + "…"


def near(path: Path) -> str:
    """A path as short as it can be typed from here."""
    ways = [str(path)]
    for start, mark in ((Path.home(), "~"), (Path.cwd(), "")):
        if path.is_relative_to(start):
            ways.append(str(Path(mark) / path.relative_to(start)))
    return min(ways, key=len)


# --- one invoice, one run -------------------------------------------------------------------------------------


def invoice_lines(entry: Entry, passed: Iterable[Passage], width: int) -> list[str]:
    """Everything about an invoice but its runs."""
    deposit, content = entry.deposit, entry.deposit.content
    facts = {
        "portail": portal_of(entry),
        "fournisseur": deposit.key.supplier,
        "destinataire": " ".join(part for part in (content.recipient, content.service) if part),
        "facture du": f"{content.date:%d/%m/%Y}, {_amount(content.ttc)} {content.currency} TTC",
        "engagement": content.engagement,
        "marché": content.market,
        "pourquoi": deposit.why,
        "certificat": str(deposit.certificate or "") + (" — INTROUVABLE" if entry.has_lost_certificate else ""),
        "empreinte": deposit.digest or "",
        "tenue par": str(deposit.owner) if deposit.owner and entry.is_held else "",
    }
    if entry.asked:
        mandate = entry.asked.mandate
        facts["demandé"] = f"{GOALS.get(mandate.goal, mandate.goal)}, le {moment(entry.asked.at)}, sur {entry.asked.host}"
        facts["fichier"] = str(mandate.source)
    lines = [f"Facture {clean(entry.number)} — {entry.words}", *_facts(facts, width), "", "États"]
    for passage in passed:
        about = " — ".join(part for part in (passage.why, passage.run) if part)
        lines += _wrapped(f"  {moment(passage.at, seconds=True)}  {WORDS[passage.state]}", about, width)
    return lines


def run_lines(told: Tale, width: int) -> list[str]:
    """Everything about a run."""
    run = told.run
    facts = {
        "facture": run.invoice,
        "but": GOALS.get(run.goal, run.goal),
        "portail": run.portal,
        "machine": ", ".join(part for part in (run.host, run.browser) if part),
        "début": moment(run.started, seconds=True),
        "fin": moment(run.ended, seconds=True) if run.ended else "aucune : l'exécution vit encore, ou a été tuée",
        "issue": f"{run.outcome} (code {run.exit_code})" if run.ended else "",
        "message": run.message or "",
        "dossier": str(run.folder or ""),
    }
    lines = [f"Exécution {clean(run.run)}", *_facts(facts, width)]
    if told.steps:
        lines += ["  étapes"]
    for step in told.steps:
        seconds = f"{step['seconds']:.1f} s".replace(".", ",") if step["ended"] else "PAS FINIE"
        line = "" if step["line"] == "new" else step["line"]
        shown = f"{step['label']} = {step['value']}" if step["value"] and step["label"] else step["value"] or ""
        about = f"{step['say']}{f' [{shown}]' if shown else ''}{f' ({skipped})' if (skipped := step['skipped']) else ''}"
        lines += _wrapped(f"    {step['number']:>3}  {line:<5} {seconds:>9}", about, width)
    if told.notices:
        lines += ["  avis"]
    for at, message in told.notices:
        lines += _wrapped(f"    {at.astimezone():%H:%M:%S}", message, width)
    if told.proofs:
        lines += ["  preuves"]
    for proof in told.proofs:
        lines += [clean(f"    {_FILE_WORDS[proof.state]:<9} {proof.path}"), f"              SHA-256 {clean(proof.sha256)}"]
    return lines


def _facts(facts: dict[str, str], width: int) -> list[str]:
    return [line for name, value in facts.items() if value for line in _wrapped(f"  {name:<13}", value, width)]


def _wrapped(start: str, text: str, width: int) -> list[str]:
    """Text beside a start, its further lines below itself; a path or a word is never broken."""
    free = max(width - len(start) - 2, 20)
    parts = textwrap.wrap(clean(text), free, break_long_words=False, break_on_hyphens=False)
    indent = " " * (len(start) + 2)
    return [f"{start}  {part}" if index == 0 else indent + part for index, part in enumerate(parts)] or [start]


def _amount(value: object) -> str:
    return f"{value:,.2f}".replace(",", " ").replace(".", ",")


# --- programs -------------------------------------------------------------------------------------------------


def entry_json(entry: Entry) -> dict[str, Any]:
    """An invoice as `list --json` gives it."""
    deposit, content = entry.deposit, entry.deposit.content
    return {
        "invoice": entry.number,
        "supplier": deposit.key.supplier,
        "recipient": content.recipient,
        "portal": deposit.key.portal,
        "portal_name": entry.place or None,
        "training": entry.is_training,
        "state": entry.state.value,
        "words": entry.words,
        "attention": entry.needs_attention,
        "held": entry.is_held,
        "updated": deposit.updated.isoformat(),
        "why": deposit.why or None,
        "certificate": str(deposit.certificate) if deposit.certificate else None,
        "certificate_sha256": deposit.certificate_sha256,
        "certificate_lost": entry.has_lost_certificate,
        "digest": deposit.digest,
        "run": deposit.run,
        "source": str(entry.asked.mandate.source) if entry.asked else None,
        "goal": entry.asked.mandate.goal if entry.asked else None,
    }


def invoice_json(entry: Entry, passed: Iterable[Passage], runs: Iterable[str]) -> dict[str, Any]:
    """An invoice with all that is known of it; its runs by name."""
    deposit, content, asked = entry.deposit, entry.deposit.content, entry.asked
    times = ("created", "confirming_at", "deposited_at", "certified_at")
    return entry_json(entry) | {
        "content": {name: str(value) for name, value in vars(content).items()},
        **{name: _iso(getattr(deposit, name)) for name in times},
        "asked": asked and {name: str(value) for name, value in vars(asked.mandate).items()} | {
            "run": asked.run,
            "at": asked.at.isoformat(),
            "host": asked.host,
        },
        "states": [
            {"state": passage.state.value, "at": passage.at.isoformat(), "run": passage.run or None, "why": passage.why or None}
            for passage in passed
        ],
        "runs": list(runs),
    }  # fmt: skip


def run_json(told: Tale) -> dict[str, Any]:
    """A run with its steps, notices and files."""
    facts = {name: value for name, value in vars(told.run).items() if name not in ("folder", "started", "ended")}
    return facts | {
        "folder": str(told.run.folder) if told.run.folder else None,
        "started": _iso(told.run.started),
        "ended": _iso(told.run.ended),
        "steps": [{name: value for name, value in step.items() if name != "run"} for step in told.steps],
        "notices": [{"at": at.isoformat(), "message": message} for at, message in told.notices],
        "evidence": [_proof_json(proof) for proof in told.proofs],
    }


def _proof_json(proof: Proof) -> dict[str, str]:
    facts = {"path": str(proof.path), "kind": proof.kind, "sha256": proof.sha256}
    return facts | ({"file": proof.state.value} if proof.state else {})


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


# --- spreadsheets ---------------------------------------------------------------------------------------------

_FORMULAS = ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?\d{1,15}(,\d+)?")
# What a spreadsheet would take for a date, a fraction or a power of ten, or whose zeros it would drop.
_MISREAD = re.compile(r"0\d+|\d{16,}|\d+[-/.]\d+([-/.]\d+)?|\d+[eE][+-]?\d+")


def spreadsheet(listed: Iterable[tuple[Entry, Sequence[Run]]]) -> bytes:
    """CSV as French spreadsheets want it: UTF-8 with its mark, semicolons, decimal commas; one line per invoice."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    for index, (entry, runs) in enumerate(listed):
        row = _row(entry, runs)
        if index == 0:
            writer.writerow(row)
        writer.writerow([cell(value) for value in row.values()])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def cell(value: object) -> str:
    """A value that stays what it is: never a formula, a date made of a number, or a number without its zeros."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    shown = clean(value).strip()
    is_number = _NUMBER.fullmatch(shown) is not None
    is_misread = _MISREAD.fullmatch(shown) is not None or (not is_number and shown.startswith(_FORMULAS))
    return f"'{shown}" if is_misread else shown


def _row(entry: Entry, runs: Sequence[Run]) -> dict[str, object]:
    deposit, content, asked = entry.deposit, entry.deposit.content, entry.asked
    last = runs[-1] if runs else None
    return {
        "Numéro": entry.number,
        "État": entry.words,
        "Demande attention": "oui" if entry.needs_attention else "non",
        "Fournisseur (SIRET)": _grouped(deposit.key.supplier),
        "Destinataire (SIRET)": _grouped(content.recipient),
        "Code service": content.service,
        "Numéro d'engagement": content.engagement,
        "Numéro de marché": content.market,
        "Date de facture": content.date,
        "Montant HT": _decimal(content.ht),
        "Montant TVA": _decimal(content.tva),
        "Montant TTC": _decimal(content.ttc),
        "Montant à payer": _decimal(content.due),
        "Devise": content.currency,
        "Portail": entry.place,
        "Adresse du portail": deposit.key.portal,
        "Entraînement": "oui" if entry.is_training else "non",
        "Préparée le": deposit.created,
        "Envoi confirmé le": deposit.confirming_at or "",
        "Déposée le": deposit.deposited_at or "",
        "Certificat obtenu le": deposit.certified_at or "",
        "Modifiée le": deposit.updated,
        "Pourquoi": deposit.why,
        "Certificat de dépôt n°": deposit.digest or "",
        "Certificat": str(deposit.certificate or ""),
        "SHA-256 du certificat": deposit.certificate_sha256 or "",
        "Certificat introuvable": "oui" if entry.has_lost_certificate else "non",
        "Nombre d'exécutions": len(runs),
        "Dernière exécution": last.run if last else "",
        "But": GOALS.get(last.goal, last.goal) if last else "",
        "Issue": (last.outcome or "interrompue") if last else "",
        "Code de sortie": last.exit_code if last and last.exit_code is not None else "",
        "Message": (last.message or "") if last else "",
        "Dossier de preuve": str(last.folder or "") if last else "",
        "Machine": last.host if last else "",
        "Fichier de la facture": str(asked.mandate.source) if asked else "",
    }


def _grouped(siret: str) -> str:
    """A SIRET as it is printed: as bare digits a spreadsheet would round it."""
    return f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}" if re.fullmatch(r"\d{14}", siret) else siret


def _decimal(value: object) -> str:
    return f"{value:.2f}".replace(".", ",")
