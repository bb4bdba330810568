"""The replica's certificate: its words can be extracted, and it says that it proves nothing."""

from __future__ import annotations

import io
from datetime import date

from pypdf import PdfReader

from robot.replica.certificate import Certificate, draw, printable


def words_of(pdf: bytes) -> str:
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    return " ".join(reader.pages[0].extract_text().split())


CERTIFICATE = Certificate(
    day=date(2026, 11, 3),
    digest="g+FEDyeuCDCG+tmnjpfZu0jQeKJxwJJVhmcm221OpRE=",
    number="SPE/2026/05",
    supplier="00010103000013 - Nguyễn-Müller Maëlys Françoise",
    recipient="13000545700010 - UNIVERSITE DE STRASBOURG",
    amount="4\N{NO-BREAK SPACE}500,00 EUR",
    engagement="EJ-2026-004417",
)


def test_everything_that_matters_is_in_the_text():
    """Date, digest, number, both parties, amount, commitment."""
    words = words_of(draw(CERTIFICATE))
    for expected in (
        "Certificat de dépôt du 03/11/2026",
        "Empreinte : g+FEDyeuCDCG+tmnjpfZu0jQeKJxwJJVhmcm221OpRE=",
        "la Facture n°SPE/2026/05 émise par 00010103000013",
        "à destination de 13000545700010 - UNIVERSITE DE STRASBOURG",
        "d'un montant de 4 500,00 EUR est en cours de transfert",
        "L'engagement EJ-2026-004417 est associé",
        "Chorus Pro",
    ):
        assert expected in words


def test_it_says_that_it_proves_nothing():
    """No one may take it for a real one."""
    assert "RÉPLIQUE D'ENTRAÎNEMENT — sans valeur" in words_of(draw(CERTIFICATE))


def test_names_lose_only_the_letters_that_the_fonts_lack():
    """A letter falls back to its plain form, a sign of another writing to a question mark."""
    assert printable("Nguyễn Çelik Dœuvre € — 学") == "Nguyen Çelik Dœuvre € — ?"
