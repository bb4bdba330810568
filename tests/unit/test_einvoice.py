"""Electronic invoices, CII and UBL: what they say, what they may not do, and what a page makes of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from papers import page, said

from robot.einvoice import read
from robot.reader import read as read_paper
from robot.reading import Reading, Sure

TIERS = Path(__file__).parents[1] / "data" / "tiers"

CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:rsm" xmlns:ram="urn:ram" xmlns:udt="urn:udt">
 <rsm:ExchangedDocument>
  <ram:ID>{number}</ram:ID><ram:TypeCode>{code}</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">{date}</udt:DateTimeString></ram:IssueDateTime>
 </rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:ApplicableHeaderTradeAgreement>
   <ram:BuyerReference>02RECHERCHE</ram:BuyerReference>
   <ram:SellerTradeParty><ram:Name>Anne Petit</ram:Name>
    <ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">{seller}</ram:ID></ram:SpecifiedLegalOrganization>
   </ram:SellerTradeParty>
   <ram:BuyerTradeParty><ram:ID>12345678901234</ram:ID><ram:GlobalID schemeID="0009">13002608100013</ram:GlobalID>
    <ram:Name>Université Grenoble Alpes</ram:Name></ram:BuyerTradeParty>
   <ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>4500-77</ram:IssuerAssignedID></ram:BuyerOrderReferencedDocument>
   <ram:ContractReferencedDocument><ram:IssuerAssignedID>M-14</ram:IssuerAssignedID></ram:ContractReferencedDocument>
  </ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeSettlement>
   <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
   <ram:ApplicableTradeTax><ram:ExemptionReason>{reason}</ram:ExemptionReason><ram:CategoryCode>E</ram:CategoryCode>
   </ram:ApplicableTradeTax>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    <ram:TaxBasisTotalAmount>150.00</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="USD">9.99</ram:TaxTotalAmount>
    <ram:TaxTotalAmount currencyID="EUR">0.00</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>{ttc}</ram:GrandTotalAmount><ram:DuePayableAmount>{ttc}</ram:DuePayableAmount>
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>"""
FIELDS = {
    "number": "F-12",
    "code": "380",
    "date": "20260831",
    "seller": "73282932000074",
    "reason": "article 261-4-1 du CGI",
    "ttc": "150.00",
}


def cii(**changes: str) -> bytes:
    return CII.format(**{**FIELDS, **changes}).encode()


def reading(data: bytes) -> Reading:
    found = read(data)
    assert found
    return found


def values(found: Reading) -> dict[str, object]:
    return {name: one.value for name, one in found.values()}


def test_a_cii_invoice_is_read_as_chorus_pro_uses_it() -> None:
    assert values(reading(cii())) == {
        "type": "FACTURE",
        "number": "F-12",
        "date": dt.date(2026, 8, 31),
        "supplier_name": "Anne Petit",
        "supplier_siret": "73282932000074",
        "recipient_name": "Université Grenoble Alpes",
        "recipient_siret": "13002608100013",
        "engagement": "4500-77",
        "service": "02RECHERCHE",
        "market": "M-14",
        "currency": "EUR",
        "ht": Decimal(150),
        "tva": Decimal(0),
        "ttc": Decimal(150),
        "due": Decimal(150),
        "vat": "EXONERATION_261_4_1",
    }


def test_a_ubl_invoice_is_read_too() -> None:
    found = values(reading((TIERS / "akretion-ubl-b2g.xml").read_bytes()))
    assert (found["number"], found["engagement"], found["service"]) == ("F124212", "PO1242", "120943")
    assert (found["supplier_siret"], found["recipient_siret"]) == ("99999999800019", "78787878400018")
    assert (found["ttc"], found["due"]) == (Decimal("308.03"), Decimal("208.03"))


def test_a_value_says_which_element_it_is_of() -> None:
    found = reading(cii()).number
    assert found and str(found.where) == "XML, ExchangedDocument/ID"


def test_a_siren_under_the_same_scheme_is_no_siret() -> None:
    assert reading(cii(seller="732829320")).supplier_siret is None


@pytest.mark.parametrize(("code", "kind"), [("381", "AVOIR"), ("384", "FACTURE"), ("386", "FACTURE")])
def test_a_credit_note_is_known_by_its_code(code: str, kind: str) -> None:
    found = reading(cii(code=code)).type
    assert found and found.value == kind


def test_a_day_that_does_not_exist_is_none() -> None:
    assert reading(cii(date="20260230")).date is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7",
        cii()[:700],
        b"<html/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + cii().partition(b"?>")[2],
        b" " * 6_000_000,
    ],
)
def test_what_is_no_such_invoice_says_nothing(data: bytes) -> None:
    assert read(data) is None


def test_entities_fetch_and_repeat_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("73282932000074", encoding="utf-8")
    for declared in (f'<!ENTITY e SYSTEM "{secret.as_uri()}">', '<!ENTITY a "aaaaaaaaaa"><!ENTITY e "&a;&a;&a;&a;">'):
        bomb = cii(number="&e;").replace(b"<rsm:Cross", f"<!DOCTYPE x [{declared}]><rsm:Cross".encode(), 1)
        assert read(bomb) is None


PAPER = """
Facture n° F-12                 Date : 31/08/2026
Total TTC     150,00 €
TVA non applicable, article 261-4-1 du CGI
"""


def test_page_and_xml_that_agree_are_sure() -> None:
    found = read_paper([page(PAPER)], [cii()])
    assert found.ttc and (found.ttc.value, found.ttc.sure, found.ttc.where.page) == (Decimal(150), Sure.READ, 1)


def test_page_and_xml_that_differ_are_asked_with_both_values() -> None:
    ttc = read_paper([page(PAPER)], [cii(ttc="120.00")]).ttc
    assert ttc and (ttc.value, ttc.sure) == (Decimal(150), Sure.DOUBTFUL)
    assert [(other.value, bool(other.where.element)) for other in ttc.others] == [(Decimal(120), True)]


def test_what_only_the_xml_says_is_asked() -> None:
    siret = read_paper([page(PAPER)], [cii()]).supplier_siret
    assert siret and siret.sure is Sure.DOUBTFUL and siret.where.element


def test_a_day_that_does_not_exist_on_the_page_is_not_mended_by_the_xml() -> None:
    found = read_paper([page(PAPER.replace("31/08/2026", "20260230"))], [cii()])
    assert found.date is None and found.bad_date


def test_without_words_on_the_page_the_xml_speaks_alone() -> None:
    ttc = read_paper([], [cii()]).ttc
    assert ttc and ttc.sure is Sure.READ


def test_a_broken_xml_changes_nothing() -> None:
    assert read_paper([page(PAPER)], [cii()[:500]]) == said(PAPER)
