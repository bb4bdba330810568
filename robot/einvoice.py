"""Reads an electronic invoice, CII (Factur-X, ZUGFeRD, XRechnung) or UBL, as far as a deposit needs it.

References are taken as Chorus Pro uses them: the buyer's reference is the service code, the order is the engagement,
the contract is the market. A SIRET has fourteen digits; a SIREN under the same scheme is none. Knows nothing of pages.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation

from lxml import etree

from robot.printed import squeezed
from robot.reading import Found, Reading, Sure, Where
from robot.vat import reason_in

# Larger than any invoice; a reader that is given less cannot be drowned.
MAX_XML = 5_000_000
_CREDIT_NOTES = {"81", "83", "261", "381", "396", "502", "503", "532"}
# Of VAT categories other than « standard rate ».
_CATEGORIES = {
    "O": "SANS_TVA",
    "E": "EXONERATION_AUTRE",
    "K": "EXONERATION_AUTRE",
    "AE": "EXONERATION_AUTRE",
    "G": "EXONERATION_AUTRE",
}


def read(data: bytes) -> Reading | None:
    """What an XML says; None where it cannot be read, is too large, or is no such invoice."""
    if len(data) > MAX_XML:
        return None
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    # Nothing that an invoice needs is declared in one.
    if root.getroottree().docinfo.internalDTD is not None:
        return None
    match etree.QName(root).localname:
        case "CrossIndustryInvoice" | "CrossIndustryDocument":
            return _cii(_Node(root, ""))
        case "Invoice" | "CreditNote":
            return _ubl(_Node(root, ""))
    return None


@dataclass(frozen=True)
class _Node:
    """An element, and the path to it without namespaces."""

    element: etree._Element
    path: str

    @property
    def name(self) -> str:
        return str(etree.QName(self.element).localname)

    @property
    def text(self) -> str:
        return " ".join((self.element.text or "").split())

    def scheme(self, attribute: str = "schemeID") -> str:
        return str(self.element.get(attribute) or "")

    def all(self, path: str) -> Iterator[_Node]:
        """Every element at a path; `A|B` where versions name it differently."""
        head, _, tail = path.partition("/")
        for child in self.element:
            if isinstance(child.tag, str) and etree.QName(child).localname in head.split("|"):
                name = etree.QName(child).localname
                node = _Node(child, f"{self.path}/{name}" if self.path else str(name))
                yield from node.all(tail) if tail else (node,)

    def first(self, path: str) -> _Node | None:
        return next((node for node in self.all(path) if node.text or len(node.element)), None)


# --- the two languages -----------------------------------------------------------------------------------------------


def _cii(root: _Node) -> Reading:
    document = root.first("ExchangedDocument|HeaderExchangedDocument") or root
    trade = root.first("SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction") or root
    agreement = trade.first("ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement") or root
    settlement = trade.first("ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement") or root
    sums = (
        settlement.first("SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation")
        or root
    )
    seller, buyer = agreement.first("SellerTradeParty"), agreement.first("BuyerTradeParty")
    currency = _text(settlement.first("InvoiceCurrencyCode"))
    tva = _amount(_in_currency(sums.all("TaxTotalAmount"), currency))
    return Reading(
        family="xml",
        type=_type(document.first("TypeCode")),
        number=_text(document.first("ID")),
        date=_date(document.first("IssueDateTime/DateTimeString|DateTime")),
        supplier_name=_text(seller and seller.first("Name")),
        supplier_siret=_siret(seller, "GlobalID", "SpecifiedLegalOrganization/ID"),
        recipient_name=_text(buyer and buyer.first("Name")),
        recipient_siret=_siret(buyer, "GlobalID", "SpecifiedLegalOrganization/ID"),
        engagement=_text(agreement.first("BuyerOrderReferencedDocument/IssuerAssignedID|ID")),
        service=_text(agreement.first("BuyerReference")),
        market=_text(agreement.first("ContractReferencedDocument/IssuerAssignedID|ID")),
        currency=currency,
        ht=_amount(sums.first("TaxBasisTotalAmount")),
        tva=tva,
        ttc=_amount(sums.first("GrandTotalAmount")),
        due=_amount(sums.first("DuePayableAmount")),
        vat=_vat(
            tva, list(settlement.all("ApplicableTradeTax")), "CategoryCode", "ExemptionReasonCode|ExemptionReason"
        ),
        iban=_iban(settlement.first("SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID")),
    )


def _ubl(root: _Node) -> Reading:
    seller, buyer = root.first("AccountingSupplierParty/Party"), root.first("AccountingCustomerParty/Party")
    sums = root.first("LegalMonetaryTotal") or root
    currency = _text(root.first("DocumentCurrencyCode"))
    tva = _amount(_in_currency(root.all("TaxTotal/TaxAmount"), currency))
    kind = _type(root.first("InvoiceTypeCode|CreditNoteTypeCode"))
    if root.name == "CreditNote":
        kind = Found("AVOIR", root.name, Where(element=root.name))
    name, siret = "PartyLegalEntity/RegistrationName", ("PartyIdentification/ID", "PartyLegalEntity/CompanyID")
    categories = list(root.all("TaxTotal/TaxSubtotal/TaxCategory"))
    order = _text(root.first("OrderReference/ID"))
    return Reading(
        family="xml",
        type=kind,
        number=_text(root.first("ID")),
        date=_date(root.first("IssueDate")),
        supplier_name=_text(seller and (seller.first(name) or seller.first("PartyName/Name"))),
        supplier_siret=_siret(seller, *siret),
        recipient_name=_text(buyer and (buyer.first(name) or buyer.first("PartyName/Name"))),
        recipient_siret=_siret(buyer, *siret),
        # The format demands an order; « NA » says that there is none.
        engagement=None if order and order.value.upper() in ("NA", "N/A") else order,
        service=_text(root.first("BuyerReference")),
        market=_text(root.first("ContractDocumentReference/ID")),
        currency=currency,
        ht=_amount(sums.first("TaxExclusiveAmount")),
        tva=tva,
        ttc=_amount(sums.first("TaxInclusiveAmount")),
        due=_amount(sums.first("PayableAmount")),
        vat=_vat(tva, categories, "ID", "TaxExemptionReasonCode|TaxExemptionReason"),
        iban=_iban(root.first("PaymentMeans/PayeeFinancialAccount/ID")),
    )


# --- values ----------------------------------------------------------------------------------------------------------


def _text(node: _Node | None) -> Found[str] | None:
    return Found(node.text, node.text, Where(element=node.path)) if node and node.text else None


def _iban(node: _Node | None) -> Found[str] | None:
    found = _text(node)
    return replace(found, value=re.sub(r"\s", "", found.value).upper()) if found else None


def _type(node: _Node | None) -> Found[str] | None:
    if not node or not node.text:
        return None
    return Found("AVOIR" if node.text in _CREDIT_NOTES else "FACTURE", node.text, Where(element=node.path))


def _date(node: _Node | None) -> Found[dt.date] | None:
    """A day written as `20260831` or `2026-08-31`; None for a day that does not exist."""
    match = re.match(r"(\d{4})-?(\d{2})-?(\d{2})", node.text) if node else None
    try:
        return (
            Found(dt.date(*map(int, match.groups())), node.text, Where(element=node.path)) if node and match else None
        )
    except ValueError:
        return None


def _amount(node: _Node | None) -> Found[Decimal] | None:
    try:
        value = Decimal(node.text) if node and len(node.text) < 20 else None
        return (
            Found(value.quantize(Decimal("0.01")), node.text, Where(element=node.path))
            if node and value is not None
            else None
        )
    except InvalidOperation:
        return None


def _in_currency(nodes: Iterator[_Node], currency: Found[str] | None) -> _Node | None:
    """Of the same amount in several currencies, that of the invoice."""
    found = list(nodes)
    code = currency.value if currency else ""
    return next((node for node in found if node.scheme("currencyID") == code), found[0] if found else None)


def _siret(party: _Node | None, *paths: str) -> Found[str] | None:
    for path in paths if party else ():
        for node in party.all(path) if party else ():
            digits = re.sub(r"[\s.]", "", node.text)
            if re.fullmatch(r"[0-9]{14}", digits) or (
                node.scheme() == "0009" and re.fullmatch(r"[0-9]{11,17}", digits)
            ):
                return Found(digits, node.text, Where(element=node.path))
    return None


def _vat(tva: Found[Decimal] | None, taxes: list[_Node], category: str, reason: str) -> Found[str] | None:
    if tva and tva.value > 0:
        return Found("TVA", tva.text, tva.where)
    for tax in taxes:
        words = " ".join(node.text for node in tax.all(reason))
        code = tax.first(category)
        regime = reason_in(words) or _CATEGORIES.get(code.text if code else "")
        if regime:
            return Found(regime, words or (code.text if code else ""), Where(element=tax.path))
    return Found("INCONNU", tva.text, tva.where) if tva else None


# --- page and XML ------------------------------------------------------------------------------------------------------

HIDDEN = "seulement dans le fichier XML caché, pas imprimé"
DIFFERENT = "le fichier XML caché dit autre chose"
# A trade name and a legal name, or a mention and a code, may well differ.
_LOOSE = {"supplier_name", "recipient_name", "vat", "type"}


def compared(page: Reading, hidden: Reading) -> Reading:
    """What the page says, confirmed or contradicted by the XML; what only the XML says is doubtful."""
    changes: dict[str, object] = {}
    for one in fields(Reading):
        printed, other = getattr(page, one.name), getattr(hidden, one.name)
        if not isinstance(other, Found) or one.name == "bad_date":
            continue
        if printed is None:
            if not (one.name == "date" and page.bad_date):
                changes[one.name] = replace(other, sure=Sure.DOUBTFUL, why=HIDDEN)
        elif _same(printed.value, other.value):
            # Two sources that agree.
            if printed.sure is Sure.DOUBTFUL and not printed.others:
                changes[one.name] = replace(printed, sure=Sure.READ, why="")
        elif any(_same(rival.value, other.value) for rival in printed.others) or one.name not in _LOOSE:
            changes[one.name] = replace(
                printed, sure=Sure.DOUBTFUL, why=printed.why or DIFFERENT, others=(*printed.others, other)
            )
    return replace(page, **changes)  # type: ignore[arg-type]


def _same(one: object, other: object) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one == other or (squeezed(one) == squeezed(other) != "")
    return one == other
