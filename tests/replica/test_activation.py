"""The mail, its link and the password, on both portals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import Clock
from newcomer import EMAIL, PASSWORD, Newcomer

from robot.replica.server import Replica


@pytest.fixture(params=[2024, 2021])
def newcomer(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Newcomer]:
    """Somebody with the activation mail in the mailbox."""
    with Replica(generation=request.param, suppliers=None, clock=clock) as replica:
        newcomer = Newcomer(replica, generation=request.param)
        newcomer.ask()
        yield newcomer


def state_of(replica: Replica) -> str:
    return next(account["state"] for account in replica.accounts() if account["email"] == EMAIL)


def test_the_mail_leads_to_the_password(newcomer):
    """Its link is on the sign-in origin; the mailbox page shows it."""
    link = newcomer.replica.mails()[0].link
    assert link.startswith(f"http://{newcomer.replica.sign_in_hosts[0]}/")
    assert link in newcomer.read(f"http://{newcomer.replica.sign_in_hosts[0]}/_entrainement/courrier").html
    assert "Choisissez votre mot de passe" in newcomer.follow_link().text


def test_a_password_opens_the_account(newcomer):
    """The page says so, and leads to the home page."""
    newcomer.follow_link()
    page = newcomer.choose_password()
    assert "Votre compte est désormais créé" in page.text
    assert f'href="{newcomer.replica.url}"' in page.html
    assert state_of(newcomer.replica) == "actif"


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("Court-2026", "12 caractères au moins"),
        ("bonne-pratique-2026", "une majuscule"),
        ("BONNE-PRATIQUE-2026", "une minuscule"),
        ("Bonne-Pratique-mmxx", "un chiffre"),
        ("BonnePratique2026", "un caractère spécial"),
    ],
)
def test_a_weak_password_is_told_which_rule_it_breaks(newcomer, password, rule):
    """That one only; all rules stand on the page from the start."""
    assert rule in newcomer.follow_link().text
    assert f"Ce mot de passe est trop faible : il faut {rule}." in newcomer.choose_password(password).text
    assert state_of(newcomer.replica) == "à activer"


def test_the_password_is_typed_twice(newcomer):
    newcomer.follow_link()
    assert "Les deux mots de passe ne sont pas identiques." in newcomer.choose_password(again="Autre-2026-xyz").text


def test_a_refusal_shows_no_password_again(newcomer):
    """What was typed is not in the page."""
    newcomer.follow_link()
    assert PASSWORD not in newcomer.choose_password(again="Autre-2026-xyz").html


def test_a_link_is_good_for_an_hour(newcomer, clock):
    clock.now += 3599
    newcomer.follow_link()
    assert "désormais créé" in newcomer.choose_password().text


def test_a_late_link_offers_a_new_mail(newcomer, clock):
    """Its own page, its own sentence; the new link works."""
    clock.now += 3600
    page = newcomer.follow_link()
    assert page.status == 410
    assert "Le lien d'activation a expiré : il est valable 60 minutes" in page.text
    newcomer.press("renvoyer")
    assert len(newcomer.replica.mails()) == 2
    newcomer.follow_link()
    assert "désormais créé" in newcomer.choose_password().text


def test_a_link_that_came_too_late_while_typing_is_told(newcomer, clock):
    """The page was opened in time, the password sent after."""
    newcomer.follow_link()
    clock.now += 3600
    assert "Le lien d'activation a expiré" in newcomer.choose_password().text
    assert state_of(newcomer.replica) == "à activer"


def test_a_link_is_good_once(newcomer):
    newcomer.follow_link()
    newcomer.choose_password()
    page = newcomer.follow_link()
    assert "Ce lien a déjà servi" in page.text
    assert page.forms == []


def test_a_second_mail_does_not_change_the_password(newcomer, clock):
    """Of two links, one serves; the other is worth nothing then."""
    first = newcomer.replica.mails()[0].link
    clock.now += 3600
    newcomer.open(first)
    newcomer.press("renvoyer")
    newcomer.open(first)
    newcomer.press("renvoyer")
    newcomer.follow_link()
    newcomer.choose_password()
    page = newcomer.open(newcomer.replica.mails()[1].link)
    assert "Ce lien a déjà servi" in page.text


def test_an_unknown_link_is_told_apart(newcomer):
    """Cut on its way, for instance."""
    page = newcomer.open(newcomer.replica.mails()[0].link[:-3])
    assert page.status == 410
    assert "n'est plus connu" in page.text


def test_minutes_follow_the_length_of_a_link():
    """In the mail and on the pages."""
    with Replica(link_seconds=300, suppliers=None) as replica:
        newcomer = Newcomer(replica)
        assert "valable 5 minutes" in newcomer.ask().text
        assert "dans les 5 minutes" in replica.mails()[0].body


def test_2021_asks_a_secret_question():
    """A question of the list and an answer; both are needed."""
    with Replica(generation=2021, suppliers=None) as replica:
        newcomer = Newcomer(replica, generation=2021)
        newcomer.ask()
        newcomer.follow_link()
        assert "La question et la réponse secrètes sont obligatoires." in newcomer.choose_password(new_answer="").text
        assert "désormais créé" in newcomer.choose_password().text
        assert replica._state.identity.account(EMAIL).question == "La ville de naissance de votre mère"


def test_today_asks_none():
    with Replica(suppliers=None) as replica:
        newcomer = Newcomer(replica)
        newcomer.ask()
        assert "Question" not in newcomer.follow_link().text
