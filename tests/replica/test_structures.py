"""Structures and memberships without HTTP: who exists, who may join, who may create, who may invoice."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from robot.replica.directory import training_directory
from robot.replica.records import Role, Standing, World
from robot.replica.register import (
    CLOSED,
    INVENTED,
    KNOWN,
    NOT_DISCLOSED,
    TO_CREATE,
    TO_JOIN,
    WITH_COMPLEMENT,
    Business,
    is_siret,
    practice,
)
from robot.replica.rules import NO_RESULT
from robot.replica.server import SUPPLIERS, Replica
from robot.replica.structures import Entry, Structures

HOLDER, OTHER = "camille@exemple.example", "sacha@exemple.example"
GIVEN = "00010101400017"
UNIVERSITY = "19141408500016"
RIGHT = Entry(
    identifier=TO_CREATE,
    active="OUI",
    company="EXEMPLE CLAIRE",
    street="12 RUE DE L'EXEMPLE",
    postcode="00000",
    town="EXEMPLEVILLE",
)


def structures_of(world: World, *businesses: Business) -> Structures:
    return Structures(
        world,
        training_directory(),
        given={GIVEN: "Lefèvre Éléonore"},
        holder=HOLDER,
        businesses=businesses,
        now=lambda: datetime(2026, 8, 31, 10, tzinfo=UTC),
    )


@pytest.fixture
def structures() -> Structures:
    return structures_of(World(id="un"))


def entry(**changes: str) -> Entry:
    return Entry(**{name: getattr(RIGHT, name) for name in RIGHT.__dataclass_fields__} | changes)


def refusals(structures: Structures, **changes: str) -> dict[str, str]:
    """Field and sentence of each refusal."""
    faults = structures.create(HOLDER, entry(**changes), asks_active=True)
    return {fault.field: fault.message for fault in faults}


# --- the register -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("siret", [business.siret for business in INVENTED] + [siret for siret, _ in SUPPLIERS])
def test_invented_numbers_have_the_right_key(siret):
    """SIRET and SIREN: a robot that checks the key lets them pass."""
    assert is_siret(siret)
    assert is_siret(f"00000{siret[:9]}")


def test_the_register_knows_closed_businesses_too(structures):
    """Spaces in the number are ignored."""
    assert structures.business("000 401 034 00012").is_active is False
    assert structures.business("00000000000000") is None


def test_businesses_are_added_to_the_register():
    """As a trainer or a test likes."""
    structures = structures_of(World(id="un"), practice("00040113300012", "Essai"))
    assert structures.create(HOLDER, entry(identifier="00040113300012"), asks_active=True) == []


def test_an_address_that_is_not_disclosed_is_not_told(structures):
    """Not even in part."""
    assert structures.business(NOT_DISCLOSED).address == ""
    assert structures.business(WITH_COMPLEMENT).address == "BATIMENT B 3 BIS PLACE DE LA REPLIQUE 00000 EXEMPLEVILLE"


# --- searching ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, identifier, name, found",
    [
        ("PRIVEE", "00040110900012", "", [TO_JOIN]),
        ("PRIVEE", "000 401 109 00012", "", [TO_JOIN]),
        ("PRIVEE", "4011", "", list(KNOWN)),
        ("PRIVEE", "", "centre de psychologie d'exempleville", [TO_JOIN]),
        ("PRIVEE", "", "centre de psychologie", []),
        ("PRIVEE", "4011", "CENTRE DE PSYCHOLOGIE D'EXEMPLEVILLE", [TO_JOIN]),
        ("PRIVEE", TO_CREATE, "", []),
        ("PRIVEE", UNIVERSITY, "", []),
        ("PUBLIQUE", UNIVERSITY, "", [UNIVERSITY]),
        ("PUBLIQUE", TO_JOIN, "", []),
    ],
)
def test_a_search_is_by_part_of_the_number_or_by_whole_name(structures, kind, identifier, name, found):
    """Among those that the portal knows, private or public."""
    sheets, fault = structures.search(kind, identifier, name)
    assert [sheet.siret for sheet in sheets] == found
    assert (fault.message if fault else None) == (None if found else NO_RESULT)


@pytest.mark.parametrize(
    "criteria, field",
    [(("", TO_JOIN, ""), "kind"), (("PRIVEE", "", " "), "identifier"), (("PRIVEE", "00", ""), "identifier")],
)
def test_a_search_wants_criteria(structures, criteria, field):
    """Private or public, and a number of three characters at least or a name."""
    sheets, fault = structures.search(*criteria)
    assert (sheets, fault.field) == ([], field)


# --- joining ------------------------------------------------------------------------------------------------


def test_given_structures_belong_to_the_training_account(structures):
    """From the start, as « gestionnaire principal »."""
    membership = structures.membership(HOLDER.upper(), GIVEN)
    assert (membership.standing, membership.role) == (Standing.VALID, Role.MANAGER)
    assert structures.suppliers_of(HOLDER) == {GIVEN: "Lefèvre Éléonore"}
    assert structures.suppliers_of(OTHER) == {}


def test_a_request_waits_for_the_manager(structures):
    """Nothing may be invoiced until he accepts."""
    assert structures.join(OTHER, TO_JOIN) is None
    membership = structures.membership(OTHER, TO_JOIN)
    assert (membership.standing, membership.role) == (Standing.PENDING, Role.USER)
    assert (structures.suppliers_of(OTHER), structures.awaits(OTHER)) == ({}, True)
    structures.decide(OTHER, TO_JOIN, accepted=True)
    assert structures.suppliers_of(OTHER) == {TO_JOIN: "CENTRE DE PSYCHOLOGIE D'EXEMPLEVILLE"}


def test_a_request_is_made_once(structures):
    """While it waits, and once it was accepted."""
    structures.join(OTHER, TO_JOIN)
    assert "déjà en cours de validation" in structures.join(OTHER, TO_JOIN).message
    structures.decide(OTHER, TO_JOIN, accepted=True)
    assert "déjà rattaché" in structures.join(OTHER, TO_JOIN).message
    assert len(structures.memberships_of(OTHER)) == 1


def test_a_refused_request_may_be_made_again(structures):
    """It waits again, in the place of the first."""
    structures.join(OTHER, TO_JOIN)
    structures.decide(OTHER, TO_JOIN, accepted=False)
    assert structures.membership(OTHER, TO_JOIN).standing is Standing.REFUSED
    assert structures.join(OTHER, TO_JOIN) is None
    assert [membership.standing for membership in structures.memberships_of(OTHER)] == [Standing.PENDING]


def test_what_nobody_asked_for_cannot_be_decided(structures):
    """Nor decided twice."""
    with pytest.raises(KeyError):
        structures.decide(OTHER, TO_JOIN, accepted=True)
    with pytest.raises(KeyError):
        structures.decide(HOLDER, GIVEN, accepted=False)


def test_an_unknown_structure_cannot_be_joined(structures):
    """One that was not in the results."""
    assert "Sélectionnez" in structures.join(OTHER, TO_CREATE).message


# --- creating -----------------------------------------------------------------------------------------------


def test_the_creator_is_manager_at_once(structures):
    """And may invoice; others have to ask."""
    assert refusals(structures) == {}
    membership = structures.membership(HOLDER, TO_CREATE)
    assert (membership.standing, membership.role) == (Standing.VALID, Role.MANAGER)
    assert TO_CREATE in structures.suppliers_of(HOLDER)
    assert structures.known(TO_CREATE).manager == HOLDER
    assert structures.join(OTHER, TO_CREATE) is None
    assert structures.awaits(OTHER)


@pytest.mark.parametrize(
    "identifier, words",
    [
        ("", "est obligatoire"),
        ("123", "n'est pas un SIRET valide"),
        ("00040100000014", "n'est pas un SIRET valide"),
        ("00040113300012", "inconnu de la base INSEE"),
        (CLOSED, "inactif dans la base INSEE"),
        (TO_JOIN, "Une structure existe déjà pour cet identifiant"),
        (GIVEN, "Une structure existe déjà pour cet identifiant"),
        (UNIVERSITY, "Une structure existe déjà pour cet identifiant"),
    ],
)
def test_a_number_that_cannot_be_created_is_refused(structures, identifier, words):
    """Each reason has its own sentence."""
    assert words in refusals(structures, identifier=identifier)["identifier"]


@pytest.mark.parametrize(
    "field, value",
    [
        ("identifier_type", "RIDET"),
        ("active", ""),
        ("company", ""),
        ("street", " "),
        ("postcode", ""),
        ("postcode", "14 000"),
        ("town", ""),
        ("phone", "douze"),
        ("email", "camille"),
    ],
)
def test_a_sheet_that_is_not_complete_is_refused(structures, field, value):
    """Beside its field, and nothing is created."""
    assert list(refusals(structures, **{field: value})) == [field]
    assert structures.known(TO_CREATE) is None


def test_actif_is_asked_for_by_one_generation_only(structures):
    """What it means is unknown; today's form may not ask."""
    assert structures.create(HOLDER, entry(active=""), asks_active=False) == []


def test_a_holder_who_is_not_disclosed_needs_no_address(structures):
    """The portal shows none."""
    assert refusals(structures, identifier=NOT_DISCLOSED, street="", postcode="", town="") == {}
    assert structures.known(NOT_DISCLOSED).address == ""


# --- what is kept -------------------------------------------------------------------------------------------


def test_what_was_done_outlives_a_restart_and_what_was_given_does_not():
    """Given structures are told anew to each replica."""
    world = World(id="un")
    structures_of(world).create(HOLDER, RIGHT, asks_active=True)
    again = Structures(
        World.model_validate_json(world.model_dump_json()),
        training_directory(),
        given={},
        holder=HOLDER,
        businesses=(),
        now=lambda: datetime(2026, 8, 31, tzinfo=UTC),
    )
    assert list(again.suppliers_of(HOLDER)) == [TO_CREATE]


def test_a_trainer_answers_in_the_place_of_the_manager(tmp_path: Path):
    """The answer is kept in the file, and a mail tells it."""
    file = tmp_path / "etat.json"
    replica = Replica(file=file, suppliers=None)
    replica._state.structures.join(replica.account.email, TO_JOIN)
    replica.decide_membership(replica.account.email, TO_JOIN, accepted=True)
    replica.stop()
    assert "acceptée" in replica.mails()[0].body
    again = Replica(file=file, suppliers=None)
    again.stop()
    assert list(again._state.structures.suppliers_of(again.account.email)) == [TO_JOIN]
