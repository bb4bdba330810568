"""The command line: finds the verb, hands over, and turns failures into a French sentence and an exit code.

One file per verb in `commands/`; only the verb that was typed is imported, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from robot.failures import Failure
from robot.redaction import speaking

# Verb -> one line of help. A verb is a file of `commands/`.
COMMANDS = {
    "demo": "dépose une facture d'exemple sur la réplique d'entraînement",
    "practise": "vous fait faire un exercice sur la réplique, regarde et explique ; --exam donne une note",
    "guide": "fait le tutoriel illustré (HTML, PDF, film) en parcourant le portail",
    "account": "crée votre compte sur le portail, avec vous là où il faut une personne",
    "structure": "rattache votre compte à votre structure, ou la crée",
    "login": "vous fait ouvrir une session, gardée pour les dépôts sans fenêtre",
    "logout": "efface la session gardée",
    "secret": "range un mot de passe dans le trousseau de cette machine",
    "deposit": "dépose une ou plusieurs factures, ou prépare leur brouillon",
    "check": "vérifie des factures sans ouvrir de navigateur",
    "batch": "écrit un modèle de tableau, pour déposer beaucoup de factures à la fois",
    "plan": "affiche les étapes d'un dépôt, phrase par phrase, sans navigateur",
    "journal": "montre ce que le robot sait de vos factures ; reprend ce qui est en suspens",
    "report": "montre, refait ou vérifie le dossier d'un dépôt",
    "tutorial": "dit quelles lignes du tutoriel sont encore vraies sur un portail",
    "calibrate": "parcourt un portail avec vous, relève où tout se trouve et l'écrit dans son profil",
    "flows": "vérifie et liste les parcours du tutoriel ; donne leur schéma",
    "replica": "lance la réplique d'entraînement du portail",
    "browser": "montre les navigateurs trouvés ; en installe un",
    "doctor": "vérifie que tout est prêt sur cette machine",
}

_EXIT_CODES = """codes de sortie :
  0 fait            1 refusé ou déjà déposé      2 fichier à corriger       3 défaut du robot
  70 écran changé   75 portail indisponible      76 issue inconnue          77 une personne est nécessaire
"""

# argparse speaks English; these are its words that a user can meet.
_FRENCH = {
    "usage: ": "utilisation : ",
    "positional arguments": "arguments",
    "options": "options",
    "show this help message and exit": "affiche cette aide",
    "the following arguments are required: %s": "il manque : %s",
    "unrecognized arguments: %s": "argument inconnu : %s",
    "invalid choice: %(value)r (choose from %(choices)s)": "« %(value)s » n'existe pas (au choix : %(choices)s)",
    "expected one argument": "une valeur est attendue",
    "expected at least one argument": "au moins une valeur est attendue",
    "invalid %(type)s value: %(value)r": "« %(value)s » ne convient pas",
    "not allowed with argument %s": "ne va pas avec %s",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s : %(message)s",
    "%(prog)s: error: %(message)s\n": "%(prog)s : %(message)s\n",
    "one of the arguments %s is required": "il faut une de ces options : %s",
}


class _Help(argparse.RawDescriptionHelpFormatter):
    """Room enough for French sentences."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=100)


def make_parser(verb: str, command: ModuleType) -> argparse.ArgumentParser:
    """The parser of one verb."""
    parser = argparse.ArgumentParser(
        prog=f"chorus-robot {verb}",
        description=(command.__doc__ or "").split("\n\n")[0]
        if not hasattr(command, "HELP")
        else command.HELP,
        epilog=_EXIT_CODES if verb == "deposit" else None,
        formatter_class=_Help,
    )
    command.add_arguments(parser)
    return parser


def _overview() -> str:
    lines = [
        "utilisation : chorus-robot COMMANDE [options]",
        "",
        "Dépose des factures sur Chorus Pro par ses écrans, et rapporte le certificat de dépôt.",
        "",
        "commandes :",
        *(f"  {verb:<10}{help}" for verb, help in COMMANDS.items()),
        "",
        "Pour commencer : chorus-robot demo. L'aide d'une commande : chorus-robot COMMANDE --help.",
        "",
        _EXIT_CODES.rstrip(),
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code is the contract of docs/architecture.md."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # Windows consoles may not be UTF-8; a certificate is worth more than an accent.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if not words or words[0] in ("-h", "--help"):
        print(_overview())
        return 0
    if words[0] == "--version":
        from importlib.metadata import version

        print(f"chorus-robot {version('chorus-robot')}")
        return 0
    verb = words[0]
    if verb not in COMMANDS:
        import difflib

        near = difflib.get_close_matches(verb, COMMANDS, n=1)
        hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
        print(f"chorus-robot : commande inconnue « {verb} ».{hint}\n\n{_overview()}", file=sys.stderr)
        return 2
    argparse._ = lambda text: _FRENCH.get(text, text)  # type: ignore[attr-defined]
    argparse.ngettext = lambda one, many, n: _FRENCH.get(one, one)  # type: ignore[attr-defined]
    command = importlib.import_module(f"robot.commands.{verb}")
    options = make_parser(verb, command).parse_args(words[1:])
    with speaking():
        return run(verb, command, options)


def run(verb: str, command: ModuleType, options: argparse.Namespace) -> int:
    """The one place where failures stop."""
    try:
        return int(command.run(options))
    except Failure as failure:
        if getattr(options, "json", False):
            _print_end(failure.outcome, str(failure), failure.exit_code)
        print(f"chorus-robot {verb} : {failure}", file=sys.stderr)
        return failure.exit_code
    except KeyboardInterrupt:
        print("\nInterrompu. Rien n'est perdu : relancez la même commande pour reprendre.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has left; nothing is wrong here.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        from robot.buglog import write_log

        path = write_log(verb, error)
        if getattr(options, "json", False):
            _print_end("unknown", f"défaut du robot ({type(error).__name__}) : {path}", 3)
        print(
            f"chorus-robot {verb} : défaut du robot ({type(error).__name__}). Rien n'est perdu : relancez la même "
            f"commande pour reprendre. Pour nous aider, joignez ce fichier à votre signalement : {path}",
            file=sys.stderr,
        )
        return 3


def _print_end(outcome: str, message: str, exit_code: int) -> None:
    """The last JSON line of a command that stopped: the keys of an invoice's line, without an invoice."""
    none = dict.fromkeys(("invoice", "certificate", "digest", "run", "folder"))
    print(json.dumps({**none, "outcome": outcome, "message": message, "exit_code": exit_code}, ensure_ascii=False))


if __name__ == "__main__":
    raise SystemExit(main())
