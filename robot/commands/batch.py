"""`chorus-robot batch`: writes the empty table that a batch begins with."""

from __future__ import annotations

import argparse
import datetime as dt
import os
from decimal import Decimal
from pathlib import Path

from robot.columns import COLUMNS, Column
from robot.failures import CommandInvalid
from robot.plain import clean, why
from robot.sheetwriter import Sheet, Value, write_csv, write_xlsx

HELP = """Écrit un modèle de tableau : une facture par ligne.

Remplissez-le, puis : chorus-robot check lot.xlsx, et chorus-robot deposit lot.xlsx."""

_NOTES = (
    ("Une facture par ligne", "Seul le nom du PDF est toujours nécessaire ; ce que vous laissez vide est lu sur le PDF."),
    ("Les fichiers", "Leurs chemins partent du dossier où est ce tableau."),
    ("Les titres", "Gardez-les sur la première ligne. Supprimez ou déplacez les colonnes comme vous voulez."),
    ("Vos colonnes", "Mettez leur titre entre parenthèses, comme (à relancer) : le robot ne les lit pas."),
    ("Les SIRET et les numéros", "Au format Texte, sinon le tableur efface les zéros du début ou abrège le nombre."),
    ("L'exemple", "La ligne EXEMPLE.pdf n'est jamais déposée. Effacez-la ou laissez-la."),
    ("Une ligne fausse", "Elle n'arrête qu'elle-même : les autres factures sont déposées."),
    ("Relancer", "Ce qui est déjà déposé n'est pas redéposé."),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["template"], help="écrire le modèle")
    parser.add_argument(
        "file", nargs="?", type=Path, default=Path("lot.xlsx"), metavar="LOT", help="lot.xlsx (par défaut), ou lot.csv"
    )


def run(options: argparse.Namespace) -> int:
    path: Path = options.file
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise CommandInvalid(f"« {clean(path)} » n'est ni un .xlsx ni un .csv.", cure="chorus-robot batch template lot.xlsx")
    # A link that leads nowhere is there too.
    if os.path.lexists(path):
        raise CommandInvalid(f"« {clean(path)} » existe déjà : rien n'est écrit.", cure="donnez un autre nom.")
    try:
        write_template(path)
    except OSError as error:
        raise CommandInvalid(f"« {clean(path)} » ne peut pas être écrit : {why(error)}.") from None
    print(f"Modèle écrit : {clean(path)}. Une facture par ligne ; puis : chorus-robot check {clean(path)}")
    return 0


def _example(column: Column) -> Value:
    """A real day and a real number, where those are meant."""
    if column.kind == "day":
        return dt.datetime.strptime(column.example, "%d/%m/%Y").date()
    return Decimal(column.example.replace(",", ".")) if column.kind == "amount" else column.example


def write_template(path: Path) -> None:
    """The headings, what goes under each, and an example that is never deposited. Raises OSError."""
    columns = [column for column in COLUMNS if column.note]
    headings = tuple(column.heading for column in columns)
    rows: list[list[Value]] = [[f"({column.note})" for column in columns], [_example(column) for column in columns]]
    if path.suffix.lower() == ".csv":
        write_csv(path, headings, rows)
    else:
        kinds = tuple(column.kind for column in columns)
        notes = Sheet("Mode d'emploi", ("Sujet", "À savoir"), _NOTES)
        write_xlsx(path, [Sheet("Factures", headings, rows, kinds), notes])
