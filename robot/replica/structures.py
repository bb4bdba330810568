"""Structures that the portal knows, who belongs to them, and what is refused to whoever asks. No HTTP.

Who exists outside the portal is in `register.py`; the public bodies are those of `directory.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from robot.replica.directory import Directory, Structure
from robot.replica.records import Fault, Membership, Role, Sheet, Standing, World
from robot.replica.register import INVENTED, KNOWN, Business, Register, is_siret, practice
from robot.replica.rules import NO_RESULT

MIN_IDENTIFIER = 3

# The list of the guides; the codes are guesses.
IDENTIFIER_TYPES = {
    "SIRET": "SIRET",
    "UE_HORS_FRANCE": "Structure européenne hors France",
    "HORS_UE": "Structure hors UE",
    "RIDET": "RIDET",
    "TAHITI": "Numéro TAHITI",
    "EN_COURS_D_IMMATRICULATION": "En cours d'immatriculation",
    "PARTICULIER": "Particulier",
}

_DIRECTORY_MANAGER = "Gestionnaire de la structure"
_POSTCODE = re.compile(r"[0-9]{5}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9]{6,15}")


class Kind(StrEnum):
    """The portal keeps one private or public value for each structure."""

    PRIVATE = "PRIVEE"
    PUBLIC = "PUBLIQUE"


KIND_LABELS = {Kind.PRIVATE: "Privée", Kind.PUBLIC: "Publique"}


@dataclass(frozen=True)
class Entry:
    """What a person typed in « Créer une structure »; names are those of the fields in `looks.py`."""

    identifier_type: str = "SIRET"
    identifier: str = ""
    # « Actif »: empty where the control was left as it was.
    active: str = ""
    company: str = ""
    street: str = ""
    complement: str = ""
    postcode: str = ""
    town: str = ""
    phone: str = ""
    email: str = ""


class Structures:
    """The portal's structures and their members.

    `given`: SIRET and name of structures that exist from the start, run by `holder` (e-mail of an account). They
    are not written to the world: the next replica is told again.
    """

    def __init__(
        self,
        world: World,
        directory: Directory,
        *,
        given: Mapping[str, str],
        holder: str,
        businesses: Iterable[Business],
        now: Callable[[], datetime],
    ) -> None:
        practices = [practice(siret, name) for siret, name in given.items()]
        self._register = Register((*INVENTED, *practices, *businesses))
        self._world = world
        self._directory = directory
        self._now = now
        self._given = {siret: _sheet(self._register, siret, holder, name) for siret, name in given.items()}
        self._from_start = {siret: _sheet(self._register, siret, manager) for siret, manager in KNOWN.items()}
        self._given_memberships = [
            Membership(email=_key(holder), siret=siret, standing=Standing.VALID, role=Role.MANAGER, at=now())
            for siret in given
        ]

    # --- who exists --------------------------------------------------------------------------------------

    def business(self, siret: str) -> Business | None:
        """The register's entry, closed ones included."""
        return self._register.find(_digits(siret))

    def known(self, siret: str) -> Sheet | None:
        """The sheet of a structure that the portal knows, public bodies included."""
        public = self._directory.find(siret)
        return self._private().get(siret) or (_public_sheet(public) if public else None)

    def _private(self) -> dict[str, Sheet]:
        return self._given | self._from_start | self._world.sheets

    def name_of(self, siret: str) -> str:
        """Empty for a structure that the portal does not know."""
        sheet = self.known(siret)
        return sheet.name if sheet else ""

    def search(self, kind: str, identifier: str, name: str) -> tuple[list[Sheet], Fault | None]:
        """Structures by a part of their number or by their whole name; what keeps from searching, or from finding."""
        part, name = _digits(identifier), " ".join(name.split()).casefold()
        if kind not in list(Kind):
            return [], _fault("kind", "Précisez si la structure est privée ou publique.")
        if not part and not name:
            return [], _fault("identifier", "Renseignez l'identifiant ou la raison sociale.")
        if part and len(part) < MIN_IDENTIFIER:
            return [], _fault("identifier", f"L'identifiant demande {MIN_IDENTIFIER} caractères au moins.")
        if kind == Kind.PUBLIC:
            candidates = [_public_sheet(structure) for structure in self._directory.active()]
        else:
            candidates = list(self._private().values())
        found = [sheet for sheet in candidates if part in sheet.siret and name in ("", sheet.name.casefold())]
        return found, None if found else _fault("", NO_RESULT)

    # --- who belongs to what -------------------------------------------------------------------------------

    def memberships_of(self, email: str) -> list[Membership]:
        """An account's memberships, oldest first."""
        return [membership for membership in self._memberships() if membership.email == _key(email)]

    def membership(self, email: str, siret: str) -> Membership | None:
        return next((m for m in self.memberships_of(email) if m.siret == siret), None)

    def pending(self) -> list[Membership]:
        """Requests that wait for a « gestionnaire principal »."""
        return [membership for membership in self._memberships() if membership.standing is Standing.PENDING]

    def awaits(self, email: str) -> bool:
        """Whether a request of this account waits."""
        return any(membership.email == _key(email) for membership in self.pending())

    def _memberships(self) -> list[Membership]:
        kept = {(membership.email, membership.siret) for membership in self._world.memberships}
        given = [m for m in self._given_memberships if (m.email, m.siret) not in kept]
        return [*given, *self._world.memberships]

    def suppliers_of(self, email: str) -> dict[str, str]:
        """SIRET and name of the structures in whose name an account may invoice."""
        valid = (m for m in self.memberships_of(email) if m.standing is Standing.VALID)
        return {membership.siret: self.name_of(membership.siret) for membership in valid}

    def join(self, email: str, siret: str) -> Fault | None:
        """Asks to join; the « gestionnaire principal » decides. Gives what keeps from asking."""
        sheet = self.known(siret)
        if sheet is None:
            return _fault("", "Sélectionnez une structure.")
        membership = self.membership(email, siret)
        # That a refused request may be made again is a guess.
        if membership and membership.standing is Standing.PENDING:
            sentence = f"Votre demande de rattachement à la structure {sheet.name} est déjà en cours de validation."
            return _fault("", sentence)
        if membership and membership.standing is Standing.VALID:
            return _fault("", f"Vous êtes déjà rattaché à la structure {sheet.name}.")
        self._put(email, siret, Standing.PENDING, Role.USER)
        return None

    def decide(self, email: str, siret: str, *, accepted: bool) -> Membership:
        """What the « gestionnaire principal » decides. Raises KeyError where nobody asked."""
        membership = self.membership(email, siret)
        if membership is None or membership.standing is not Standing.PENDING:
            raise KeyError(f"{email} did not ask to join {siret}")
        membership.standing = Standing.VALID if accepted else Standing.REFUSED
        return membership

    def _put(self, email: str, siret: str, standing: Standing, role: Role) -> None:
        kept = [m for m in self._world.memberships if (m.email, m.siret) != (_key(email), siret)]
        new = Membership(email=_key(email), siret=siret, standing=standing, role=role, at=self._now())
        self._world.memberships = [*kept, new]

    # --- creating ----------------------------------------------------------------------------------------

    def create(self, email: str, entry: Entry, *, asks_active: bool) -> list[Fault]:
        """« Soumettre »: the creator becomes « gestionnaire principal » at once. Gives what keeps from creating.

        `asks_active`: whether « Actif » must have been touched.
        """
        faults = list(self._faults(entry, asks_active=asks_active))
        if faults:
            return faults
        siret = _digits(entry.identifier)
        business = self._register.find(siret)
        assert business
        self._world.sheets[siret] = Sheet(
            siret=siret,
            name=entry.company.strip() or business.name,
            street=entry.street.strip(),
            complement=entry.complement.strip(),
            postcode=entry.postcode.strip(),
            town=entry.town.strip(),
            phone=entry.phone.strip(),
            email=entry.email.strip(),
            is_disclosed=business.is_disclosed,
            manager=_key(email),
        )
        self._put(email, siret, Standing.VALID, Role.MANAGER)
        return []

    def _faults(self, entry: Entry, *, asks_active: bool) -> Iterator[Fault]:
        # All these sentences are guesses: what the portal says is not known.
        if entry.identifier_type != "SIRET":
            yield _fault("identifier_type", "La réplique d'entraînement ne crée que des structures qui ont un SIRET.")
            return
        siret = _digits(entry.identifier)
        fault = self.identifier_fault(siret)
        if fault:
            yield fault
        if asks_active and not entry.active:
            yield _fault("active", "Le champ « Actif » est obligatoire.")
        business = self._register.find(siret)
        if business and business.is_disclosed:
            for name, words in REQUIRED.items():
                if not getattr(entry, name).strip():
                    yield _fault(name, f"{words} est obligatoire.")
            if entry.postcode.strip() and not _POSTCODE.fullmatch(entry.postcode.strip()):
                yield _fault("postcode", "Le code postal est incorrect : cinq chiffres attendus.")
        if entry.phone.strip() and not _PHONE.fullmatch(re.sub(r"[\s.()-]", "", entry.phone)):
            yield _fault("phone", "Le numéro de téléphone est incorrect.")
        if entry.email.strip() and not _EMAIL.fullmatch(entry.email.strip()):
            yield _fault("email", "L'adresse électronique est incorrecte.")

    def identifier_fault(self, identifier: str) -> Fault | None:
        """What keeps a structure from being created under this number."""
        siret = _digits(identifier)
        if not siret:
            return _fault("identifier", "L'identifiant est obligatoire.")
        if self.known(siret):
            return _fault("identifier", "Une structure existe déjà pour cet identifiant.")
        business = self._register.find(siret)
        if business is None and not is_siret(siret):
            return _fault("identifier", "L'identifiant n'est pas un SIRET valide : 14 chiffres attendus.")
        if business is None:
            return _fault("identifier", "Ce SIRET est inconnu de la base INSEE.")
        if not business.is_active:
            return _fault("identifier", "Cet établissement est inactif dans la base INSEE.")
        return None


REQUIRED = {
    "company": "La raison sociale",
    "street": "L'adresse",
    "postcode": "Le code postal",
    "town": "La ville",
}


def _sheet(register: Register, siret: str, manager: str, name: str = "") -> Sheet:
    business = register.find(siret)
    assert business
    return Sheet(
        siret=siret,
        name=name or business.name,
        street=business.street,
        complement=business.complement,
        postcode=business.postcode,
        town=business.town,
        is_disclosed=business.is_disclosed,
        manager=manager,
    )


def _public_sheet(structure: Structure) -> Sheet:
    return Sheet(siret=structure.siret, name=structure.name, street=structure.address, manager=_DIRECTORY_MANAGER)


def _key(email: str) -> str:
    return email.strip().lower()


def _digits(identifier: str) -> str:
    """An identifier as compared: people type spaces in it."""
    return re.sub(r"[\s.]", "", identifier)


def _fault(field: str, message: str) -> Fault:
    return Fault(field=field, message=message)
