"""Sign-in on today's portal: a password, a code, and back where one came from."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from conftest import Clock
from visitor import Visitor

from robot.replica import totp
from robot.replica.server import Replica


@pytest.fixture
def portal(clock: Clock) -> Iterator[Replica]:
    with Replica(clock=clock, lock_seconds=3600, code_seconds=600) as running:
        yield running


@pytest.fixture
def visitor(portal: Replica) -> Visitor:
    """Somebody before the sign-in page."""
    visitor = Visitor(portal)
    visitor.open("/aife_csm/connexion")
    return visitor


def mailed_code(visitor: Visitor) -> str:
    """The code of the newest message in the mailbox."""
    words = visitor.read(f"http://{visitor.replica.sign_in_hosts[0]}/_entrainement/courrier").text
    return re.search(r"connexion est (\d{6})", words)[1]


def test_each_origin_has_its_own_port(portal):
    """Portal home, sign-in and invoicing, one after the other; passwords are typed on the second only."""
    assert len(set(portal.hosts)) == 3
    assert portal.url == f"http://{portal.hosts[0]}/"
    assert portal.sign_in_hosts == [portal.hosts[1]]


def test_a_person_is_sent_to_sign_in_and_comes_back(portal, visitor):
    """From the home to the sign-in origin, and home again with a code and a state."""
    assert visitor.page.url.startswith(f"http://{portal.hosts[1]}/auth/realms/chorus-pro/")
    assert "Entrez votre identifiant et votre mot de passe." in visitor.page.text
    visitor.give_password()
    visitor.give_code(mailed_code(visitor))
    assert visitor.page.url.startswith(f"{portal.url}aife_csm/fr")
    assert visitor.json("/aife_csm/api/page?id=aife_index")["person"]["name"] == portal.account.name


def test_one_sign_in_serves_all_origins(portal, visitor):
    """The invoicing application knows whoever the sign-in origin knows."""
    visitor.give_password()
    visitor.give_code(mailed_code(visitor))
    assert "Synthèse" in visitor.open(f"http://{portal.hosts[2]}/cpp/").text


def test_a_wrong_password_is_told(visitor):
    """And nothing says which of the two was wrong."""
    assert "Adresse de connexion ou mot de passe incorrect." in visitor.give_password(password="faux").text


def test_five_wrong_passwords_lock_the_account_for_an_hour(visitor, clock):
    """Then even the right one is of no use, until the hour is over."""
    for _ in range(4):
        assert "bloqué" not in visitor.give_password(password="faux").text
    assert "Votre compte est bloqué" in visitor.give_password(password="faux").text
    clock.now += 3599
    assert "Votre compte est bloqué" in visitor.give_password().text
    clock.now += 2
    assert "code" in visitor.give_password().text


def test_a_right_password_forgives_the_wrong_ones(visitor):
    """Only failures in a row lock."""
    for _ in range(4):
        visitor.give_password(password="faux")
    visitor.give_password()
    visitor.open("/aife_csm/connexion")
    visitor.open(f"{visitor.replica.url}aife_csm/connexion")
    assert "bloqué" not in visitor.give_password(password="faux").text


@pytest.mark.parametrize("late", [-30, 0, 30])
def test_the_code_of_an_authenticator_app_is_taken(visitor, portal, clock, late):
    """One step of thirty seconds either way."""
    visitor.give_password()
    assert visitor.give_code(at=clock.now + late).url.startswith(portal.url)


def test_wrong_and_late_codes_are_told_apart(visitor, clock):
    """Wrong: try again. Late: begin again."""
    visitor.give_password()
    code = mailed_code(visitor)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    if not totp.is_code(visitor.replica.account.totp, wrong, clock.now):
        assert "incorrect" in visitor.give_code(wrong).text
    clock.now += 601
    assert "expiré" in visitor.give_code(code).text


def test_a_grant_is_good_for_one_session(visitor, portal):
    """A code caught on its way opens nothing a second time."""
    stolen = Visitor(portal)
    visitor.give_password()
    visitor.give_code(mailed_code(visitor))
    grant = portal._state.identity.grant(portal.account.email)
    stolen.open(f"{portal.url}navpage.do?code={grant}")
    again = Visitor(portal)
    again.open(f"{portal.url}navpage.do?code={grant}")
    assert stolen.json("/aife_csm/api/page?id=aife_index")["person"]
    assert not again.json("/aife_csm/api/page?id=aife_index")["person"]


def test_nobody_is_sent_to_a_foreign_address(portal):
    """Only the replica's own origins are returned to."""
    visitor = Visitor(portal)
    address = f"http://{portal.hosts[1]}/auth/realms/chorus-pro/protocol/openid-connect/auth"
    page = visitor.open(f"{address}?redirect_uri=http://{portal.hosts[0]}.example/")
    assert (page.status, page.forms) == (400, [])


def test_the_home_lists_domains_and_applications(visitor):
    """What the script draws: three domains, then the applications of one."""
    visitor.give_password()
    visitor.give_code(mailed_code(visitor))
    domains = visitor.json("/aife_csm/api/page?id=aife_index")["cards"]
    assert [(card["title"], card["action"]) for card in domains] == [
        (title, "Accéder au domaine") for title in ("Facturation", "Organisation", "Raccordements")
    ]
    tiles = visitor.json("/aife_csm/api/page?id=aife_domaine&domaine=facturation")["cards"]
    assert (tiles[0]["title"], tiles[0]["action"]) == ("Factures émises", "Accéder")


def test_signing_out_ends_all_sessions(visitor, portal):
    """Home and invoicing application forget the person."""
    visitor.give_password()
    visitor.give_code(mailed_code(visitor))
    visitor.open(f"http://{portal.hosts[2]}/cpp/")
    visitor.open("/cpp/deconnexion")
    assert "Entrez votre identifiant" in visitor.open(f"http://{portal.hosts[2]}/cpp/").text
    assert not visitor.json(f"{portal.url}aife_csm/api/page")["person"]


def test_an_old_address_is_refused():
    """As the portal does with links of before 2022."""
    with Replica() as portal:
        page = Visitor(portal).open(f"http://{portal.hosts[2]}/cpp/utilisateur?execution=e1s1")
    assert page.status == 403
    assert "Des contraintes de sécurité empêchent d'accéder à la page demandée" in page.text


def test_every_page_says_that_it_is_a_copy(somebody):
    """On all origins, signed in or not."""
    for host in somebody.replica.hosts:
        assert "Réplique d'entraînement : ce n'est pas Chorus Pro" in somebody.read(f"http://{host}/").text


def test_answers_can_be_late():
    """`delay_ms` delays each of them."""
    with Replica(delay_ms=150) as portal:
        begin = time.monotonic()
        Visitor(portal).open(f"http://{portal.hosts[1]}/_entrainement/courrier")
        assert time.monotonic() - begin >= 0.15


def test_ports_can_be_chosen():
    """The first one, and the next two."""
    with Replica() as portal:
        pass
    first = int(portal.hosts[0].partition(":")[2])
    with Replica(port=first, generation=2021) as other:
        assert other.hosts == [f"127.0.0.1:{first}"]
        assert Visitor(other).open(other.url).status == 200
