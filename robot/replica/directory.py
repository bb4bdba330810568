"""The directory of public structures: whom an invoice may be addressed to, and what each one demands.

53 real universities from open data, and invented structures, one for each demand that the portal knows.
Knows nothing of forms and HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

# The State is one single recipient.
STATE_SIRET = "11000201100044"
# Only for invoices between public bodies.
PUBLIC_ONLY_SERVICE = "FACTURES_PUBLIQUES"

_UNIVERSITIES = Path(__file__).with_name("universites.json")


class Needs(StrEnum):
    """What a structure demands on each invoice."""

    NOTHING = "nothing"
    SERVICE = "service"
    ENGAGEMENT = "engagement"
    EITHER = "either"  # a service code or a commitment number
    BOTH = "both"
    BY_SERVICE = "by-service"  # a service code, and what that service demands


@dataclass(frozen=True)
class Service:
    """A department of a structure that receives invoices."""

    code: str
    name: str
    is_active: bool = True
    # Whether this department demands a commitment number.
    needs_engagement: bool = False


@dataclass(frozen=True)
class Structure:
    """A public body of the directory."""

    siret: str
    # In capitals and without accents, as the directory writes it.
    name: str
    address: str
    is_active: bool = True
    needs: Needs = Needs.NOTHING
    # By code. A structure that lists none takes any code.
    services: Mapping[str, Service] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        return f"{self.siret} - {self.name}"

    def demands_service(self) -> bool:
        return self.needs in (Needs.SERVICE, Needs.BOTH, Needs.BY_SERVICE)

    def demands_engagement(self, service: str) -> bool:
        """Whether a commitment number is compulsory on an invoice for this service code (may be empty)."""
        if self.needs in (Needs.ENGAGEMENT, Needs.BOTH) or (self.needs is Needs.EITHER and not service):
            return True
        return service in self.services and self.services[service].needs_engagement

    def shown_required(self, service: str) -> frozenset[str]:
        """Fields that the form marks as compulsory for this service code; one of two cannot be marked so."""
        shown = {"service"} if self.demands_service() else set()
        if self.needs is not Needs.EITHER and self.demands_engagement(service):
            shown.add("engagement")
        return frozenset(shown)


class Directory:
    """Structures by SIRET."""

    def __init__(self, structures: Iterable[Structure]) -> None:
        self._structures = {structure.siret: structure for structure in structures}

    def find(self, siret: str) -> Structure | None:
        """The active structure of that SIRET: a closed one is as good as unknown."""
        structure = self._structures.get(siret)
        return structure if structure and structure.is_active else None

    def active(self) -> list[Structure]:
        return [structure for structure in self._structures.values() if structure.is_active]

    def search(self, beginning: str) -> list[Structure]:
        """Active structures whose SIRET begins so."""
        found = (s for siret, s in self._structures.items() if beginning and siret.startswith(beginning))
        return [structure for structure in found if structure.is_active]


def training_directory() -> Directory:
    return Directory((*_universities(), *_INVENTED))


@cache
def _universities() -> tuple[Structure, ...]:
    entries = json.loads(_UNIVERSITIES.read_text("utf-8"))["universities"]
    return tuple(
        Structure(
            entry["siret"],
            entry["designation"],
            f"{entry['postal_code']} {entry['city'].upper()}",
            needs=Needs(entry.get("needs", "nothing")),
            services=_services(Service(code, name) for code, name in entry.get("services", {}).items()),
        )
        for entry in entries
    )


def _services(services: Iterable[Service]) -> Mapping[str, Service]:
    return MappingProxyType({service.code: service for service in services})


_TOWN = "1 PLACE DE L'EXEMPLE 00000 EXEMPLEVILLE"
_USUAL = _services(
    (
        Service("COMPTA", "SERVICE COMPTABLE"),
        Service("ACHATS", "SERVICE DES ACHATS"),
        Service("ANCIEN", "ANCIEN SERVICE", is_active=False),
        Service(PUBLIC_ONLY_SERVICE, "FACTURES PUBLIQUES"),
    )
)
_DEMANDING = _services(
    (
        Service("LIBRE", "SERVICE SANS ENGAGEMENT"),
        Service("MARCHES", "SERVICE DES MARCHES", needs_engagement=True),
    )
)

# Invented: numbers that nobody bears, with a right key.
_INVENTED = (
    Structure("00030010300017", "COMMUNE D'EXEMPLEVILLE", _TOWN, services=_USUAL),
    Structure("00030020200017", "LYCEE DU CODE SERVICE", _TOWN, needs=Needs.SERVICE, services=_USUAL),
    Structure("00030030100017", "HOPITAL DE L'ENGAGEMENT", _TOWN, needs=Needs.ENGAGEMENT),
    Structure("00030040000017", "REGION DU L'UN OU L'AUTRE", _TOWN, needs=Needs.EITHER, services=_USUAL),
    Structure("00030050900015", "DEPARTEMENT DES DEUX", _TOWN, needs=Needs.BOTH, services=_USUAL),
    Structure("00030060800015", "METROPOLE SELON LE SERVICE", _TOWN, needs=Needs.BY_SERVICE,
              services=_DEMANDING),
    Structure("00030070700015", "SYNDICAT FERME", _TOWN, is_active=False),
    Structure(STATE_SIRET, "SERVICES DE L'ETAT POUR LA FACTURATION ELECTRONIQUE", "75012 PARIS",
              needs=Needs.BOTH),
)  # fmt: skip
