"""Several accounts: who is who, what is counted for each, and sessions that end."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from conftest import Clock
from newcomer import EMAIL, PASSWORD, Newcomer
from visitor import Visitor

from robot.replica.server import Replica


@pytest.fixture
def portal(clock: Clock) -> Iterator[Replica]:
    """Today's portal, with a session that lasts ten minutes."""
    with Replica(clock=clock, session_seconds=600) as running:
        yield running


@pytest.fixture
def newcomer(portal: Replica) -> Newcomer:
    """Somebody with an account of their own, before the sign-in page."""
    newcomer = Newcomer(portal)
    newcomer.become_known()
    newcomer.open(f"{portal.url}aife_csm/connexion")
    return newcomer


def signed_in(newcomer: Newcomer) -> Newcomer:
    newcomer.give_password(EMAIL, PASSWORD)
    newcomer.give_code(newcomer.mailed_code())
    return newcomer


def trainee(portal: Replica, clock: Clock) -> Visitor:
    """The training account, signed in on the portal home."""
    visitor = Visitor(portal)
    visitor.open(f"{portal.url}aife_csm/connexion")
    visitor.give_password()
    visitor.give_code(at=clock.now)
    return visitor


def person(visitor: Visitor) -> str | None:
    """Whom the portal home greets."""
    facts = visitor.json(f"{visitor.replica.url}aife_csm/api/page")["person"]
    return facts["name"] if facts else None


def test_the_training_account_is_one_of_them(portal):
    assert portal.accounts() == [
        {"email": portal.account.email, "name": portal.account.name, "state": "actif"},
    ]


def test_a_new_account_signs_in_with_the_code_of_its_mail(newcomer):
    """The code goes to whoever signs in, and to nobody else."""
    assert person(signed_in(newcomer)) == "Zoé Martin"
    assert newcomer.replica.mails()[0].to == EMAIL


def test_a_new_account_has_no_authenticator(newcomer, clock):
    """The secret of the training account opens that account only."""
    newcomer.give_password(EMAIL, PASSWORD)
    assert "incorrect" in newcomer.give_code(at=clock.now).text


def test_an_account_is_known_in_capitals_too(newcomer):
    assert "code temporaire" in newcomer.give_password(f" {EMAIL.upper()} ", PASSWORD).text


def test_an_account_that_waits_cannot_sign_in(portal):
    """No password was chosen: none is right, not even an empty one."""
    newcomer = Newcomer(portal)
    newcomer.ask()
    for password in (PASSWORD, " "):
        newcomer.open(f"{portal.url}aife_csm/connexion")
        assert "Adresse de connexion ou mot de passe incorrect." in newcomer.give_password(EMAIL, password).text


def test_failures_are_counted_for_each_account(newcomer):
    """Five of one person do not lock another."""
    for _ in range(5):
        newcomer.give_password(EMAIL, "faux")
    assert "bloqué" in newcomer.give_password(EMAIL, PASSWORD).text
    assert "code temporaire" in newcomer.give_password().text


def test_a_lock_ends_by_itself(newcomer, clock):
    for _ in range(5):
        newcomer.give_password(EMAIL, "faux")
    clock.now += 3601
    assert "code temporaire" in newcomer.give_password(EMAIL, PASSWORD).text


def test_two_people_are_known_at_once(newcomer, portal, clock):
    """Each under their own name, on both origins."""
    visitor = trainee(portal, clock)
    signed_in(newcomer)
    assert (person(visitor), person(newcomer)) == (portal.account.name, "Zoé Martin")
    assert portal.account.name in visitor.open(f"{visitor.office}/cpp/").text
    assert "Synthèse" not in newcomer.open(f"{newcomer.office}/cpp/").text


def test_signing_out_is_a_matter_of_one_person(newcomer, portal, clock):
    visitor = trainee(portal, clock)
    signed_in(newcomer)
    newcomer.open(f"{portal.url}aife_csm/deconnexion")
    assert (person(visitor), person(newcomer)) == (portal.account.name, None)


def test_a_sign_in_survives_somebody_s_sign_out(newcomer, portal, clock):
    """One person is at the second factor while another leaves."""
    visitor = trainee(portal, clock)
    newcomer.give_password(EMAIL, PASSWORD)
    visitor.open(f"{portal.url}aife_csm/deconnexion")
    newcomer.give_code(newcomer.mailed_code())
    assert person(newcomer) == "Zoé Martin"


def test_all_sessions_can_be_ended(portal, clock):
    """As when they expire: home, invoicing and sign-in origin forget."""
    visitor = trainee(portal, clock)
    visitor.open(f"{visitor.office}/cpp/")
    portal.end_sessions()
    assert person(visitor) is None
    assert "Entrez votre identifiant" in visitor.open(f"{visitor.office}/cpp/").text


def test_an_idle_home_is_left(portal, clock):
    """And one has to sign in again: the sign-in origin forgets too."""
    visitor = trainee(portal, clock)
    clock.now += 601
    assert person(visitor) is None
    assert "Entrez votre identifiant" in visitor.open("/aife_csm/connexion").text


def test_an_idle_invoicing_application_is_left(portal, clock):
    visitor = trainee(portal, clock)
    visitor.open(f"{visitor.office}/cpp/")
    clock.now += 601
    assert "Entrez votre identifiant" in visitor.open(f"{visitor.office}/cpp/").text


def test_whoever_goes_on_is_not_idle(portal, clock):
    """Each request begins the ten minutes again."""
    visitor = trainee(portal, clock)
    for _ in range(3):
        clock.now += 599
        assert person(visitor) == portal.account.name


def test_2021_forgets_sessions_too(clock):
    """Idle, or ended by hand: back to the home page."""
    with Replica(generation=2021, clock=clock, session_seconds=600) as old:
        visitor = Visitor(old, generation=2021)
        assert "Synthèse" in visitor.sign_in().text
        clock.now += 601
        assert "Vous avez déjà un compte ?" in visitor.open("/cpp/syntheseFactures").text
        visitor.sign_in()
        old.end_sessions()
        assert "Vous avez déjà un compte ?" in visitor.open("/cpp/syntheseFactures").text


def test_accounts_are_kept_in_the_file(tmp_path):
    """Another replica with the same file knows the person; no password is in it."""
    file = tmp_path / "etat.json"
    with Replica(generation=2021, file=file) as first:
        Newcomer(first, generation=2021).become_known()
    with Replica(generation=2021, file=file) as second:
        visitor = Visitor(second, generation=2021)
        visitor.open(second.url)
        assert "Zoé Martin" in visitor.give_password(EMAIL, PASSWORD).text
    assert PASSWORD not in json.dumps(json.loads(file.read_text(encoding="utf-8")))
