"""Every way a run can end badly, named by who must act next.

Knows nothing of browsers, files or screens: a failure is data (what, where, expected, cure) with an exit code
and the outcome printed in the JSON. A docstring is the default French sentence, so no failure is ever empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from robot.plain import brief, clean

# More than anybody corrects at once; a hostile file can have a hundred thousand.
MAX_PROBLEMS = 50


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file: `path:line: what, expected, cure`. Line numbers start at 1, 0 = whole file."""

    path: Path
    line: int
    what: str
    expected: str = ""
    cure: str = ""
    # Machine name of the rule that was broken, e.g. NUMERO_INVALIDE; empty for plain syntax.
    code: str = ""
    # Where in a file that has no lines of text: « page 1, ligne 7 ».
    spot: str = ""

    def __post_init__(self) -> None:
        for name in ("what", "expected", "cure"):
            object.__setattr__(self, name, brief(getattr(self, name)))

    @property
    def place(self) -> str:
        """`path:line`, `path, page 1, ligne 7`, `path:line, colonne F`, or the path alone."""
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return clean(f"{place}, {self.spot}" if self.spot else place)

    def __str__(self) -> str:
        parts = [self.what]
        if self.expected:
            parts.append(f"attendu : {self.expected}")
        if self.cure:
            parts.append(f"remède : {self.cure}")
        return f"{self.place}: " + " ; ".join(parts)


class Failure(Exception):
    """Le robot s'est arrêté."""

    exit_code = 3
    outcome = "unknown"

    def __init__(self, what: str = "", *, where: str = "", expected: str = "", cure: str = "") -> None:
        self.what = _lines(what or (type(self).__doc__ or "").strip().splitlines()[0])
        self.where = _lines(where)
        self.expected = _lines(expected)
        self.cure = _lines(cure)
        super().__init__(self.what)

    def __str__(self) -> str:
        text = self.what
        if self.where:
            text += f" ({self.where})"
        if self.expected:
            text += f" Attendu : {self.expected}."
        if self.cure:
            text += f" Que faire : {self.cure}"
        return text


def _lines(text: str) -> str:
    """Words of a page or of a file may be among these; ours alone begin a line."""
    return "\n".join(map(clean, text.split("\n")))


# --- the files are wrong: their author acts -------------------------------------------------------------------


class FileInvalid(Failure):
    """Un fichier est à corriger."""

    exit_code = 2
    outcome = "refused"

    def __init__(self, problems: list[Problem]) -> None:
        if len(problems) > MAX_PROBLEMS:
            more = f"et {len(problems) - MAX_PROBLEMS} autres problèmes"
            rest = Problem(problems[MAX_PROBLEMS].path, 0, more, cure="corrigez d'abord ceux-ci")
            problems = [*problems[:MAX_PROBLEMS], rest]
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class ConfigInvalid(FileInvalid):
    """Le fichier de configuration est à corriger."""


class FlowInvalid(FileInvalid):
    """Un parcours (flows/) est à corriger."""


class InvoiceInvalid(FileInvalid):
    """La facture ne peut pas être déposée telle quelle."""


class CommandInvalid(Failure):
    """La commande n'est pas complète."""

    exit_code = 2
    outcome = "refused"


# --- this invoice cannot go: its owner acts -------------------------------------------------------------------


class PortalRefused(Failure):
    """Le portail a refusé la facture."""

    exit_code = 1
    outcome = "refused"

    def __init__(self, message: str, *, field: str = "", where: str = "", cure: str = "") -> None:
        self.field = field
        self.message = brief(message)
        about = f"Le portail refuse « {brief(field)} » : " if field else "Le portail refuse : "
        super().__init__(f"{about}« {self.message} »", where=where, cure=cure)

    @classmethod
    def explained(cls, sentence: str, *, where: str = "") -> PortalRefused:
        """A refusal that the flows have a sentence for."""
        failure = cls(sentence, where=where)
        failure.what = sentence
        return failure


class AlreadyDeposited(Failure):
    """Cette facture est déjà déposée."""

    exit_code = 1
    outcome = "already-deposited"


# --- the portal is not available: time acts -------------------------------------------------------------------


class PortalUnavailable(Failure):
    """Le portail ne répond pas."""

    exit_code = 75
    outcome = "portal-unavailable"


class Maintenance(PortalUnavailable):
    """Le portail est en maintenance."""


# --- a person is needed ---------------------------------------------------------------------------------------


class PersonNeeded(Failure):
    """Une personne doit continuer."""

    exit_code = 77
    outcome = "needs-person"
    # Whether somebody at the window can do it there and then; otherwise the run stops even in front of a person.
    at_the_window = True


class SignInNeeded(PersonNeeded):
    """Il faut se connecter au portail."""


class SessionLost(SignInNeeded):
    """Le portail ne reconnaît plus la personne : la session est perdue."""


class SignInRefused(SignInNeeded):
    """Le portail refuse l'adresse ou le mot de passe."""

    at_the_window = False


class SecondFactorNeeded(PersonNeeded):
    """Le portail demande le code du second facteur."""


class CodeRefused(SecondFactorNeeded):
    """Le portail refuse le code du second facteur."""

    at_the_window = False


class PersonLeft(PersonNeeded):
    """La fenêtre a été fermée, ou personne n'a répondu."""

    at_the_window = False


class CaptchaNeeded(PersonNeeded):
    """Le portail demande de recopier une image : le robot ne le fait jamais."""


class DecisionNeeded(PersonNeeded):
    """Le portail pose une question à laquelle le robot ne répond pas seul."""


# --- the screen changed: a maintainer acts --------------------------------------------------------------------


class ScreenChanged(Failure):
    """Un écran du portail n'est plus celui que le robot connaît."""

    exit_code = 70
    outcome = "screen-changed"


class NotOnScreen(ScreenChanged):
    """Le robot n'est pas sur l'écran attendu."""


class ElementNotFound(ScreenChanged):
    """Un champ ou un bouton de l'écran est introuvable."""


class ReadBackDiffers(ScreenChanged):
    """Le portail n'a pas gardé ce qui a été saisi."""


class HostRefused(ScreenChanged):
    """Le portail mène à une adresse qui n'est pas dans la liste permise."""


# --- nobody knows yet -----------------------------------------------------------------------------------------


class OutcomeUnknown(Failure):
    """La confirmation est partie et aucune réponse n'est revenue."""

    exit_code = 76
    outcome = "unknown"


# For several invoices the worst one decides (docs/architecture.md).
WORST_FIRST = (3, 70, 76, 2, 77, 75, 1, 0)


def worst_exit_code(codes: list[int]) -> int:
    """The exit code of a batch: the first of WORST_FIRST that occurs; 0 for an empty batch."""
    return min(codes, key=WORST_FIRST.index, default=0)
