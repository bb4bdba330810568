"""`chorus-robot secret`: keeps passwords in this machine's keychain, so that no file of the user holds them."""

from __future__ import annotations

import argparse
import getpass
import re
import sys

from pydantic import SecretStr

from robot.failures import CommandInvalid
from robot.keychain import Keychain
from robot.redaction import secret

HELP = (
    "Range un secret dans le trousseau de cette machine ; la configuration le nomme par {keyring: NOM}.\n"
    "Le secret est demandé sans s'afficher, ou lu sur l'entrée. Il n'est jamais montré."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["set", "remove", "where"], help="ranger, retirer, ou dire où c'est rangé")
    parser.add_argument("name", nargs="?", metavar="NOM", help="nom du secret, à votre choix : chorus-pro")


def run(options: argparse.Namespace) -> int:
    keychain = Keychain()
    if options.action == "where":
        print(f"Les secrets sont dans {keychain.where}.")
        return 0
    if not options.name or not re.fullmatch(r"[A-Za-z0-9._@-]{1,100}", options.name):
        raise CommandInvalid(
            "Il faut le nom du secret : lettres, chiffres, points et tirets.",
            cure=f"chorus-robot secret {options.action} chorus-pro",
        )
    if options.action == "remove":
        print(f"« {options.name} » {'est retiré' if keychain.remove(options.name) else 'n’y était pas'}.")
        return 0
    keychain.put(options.name, _asked(options.name))
    print(f"« {options.name} » est rangé dans {keychain.where}. Dans la configuration : {{keyring: {options.name}}}")
    return 0


def _asked(name: str) -> SecretStr:
    if not sys.stdin.isatty():
        typed = sys.stdin.readline().strip("\r\n")
    else:
        typed = getpass.getpass(f"Secret « {name} » (rien ne s'affiche) : ")
        if typed != getpass.getpass("Encore une fois : "):
            raise CommandInvalid("Les deux saisies diffèrent : rien n'est rangé.", cure="recommencez")
    if not typed:
        raise CommandInvalid("Le secret est vide : rien n'est rangé.", cure="recommencez")
    return secret(typed)
