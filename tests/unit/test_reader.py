"""What is believed of an invoice: the programme's bill in all its versions, and papers of any other kind."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal

import pytest
from papers import page, said

from robot.layout import Line, Page, Word
from robot.reader import read
from robot.reading import Found, Reading, Sure

SUPPLIER, UNIVERSITY = "73282932000074", "13002608100013"

BILL = """
Ministère de l‘Enseignement Supérieur          Santé Psy Étudiant
et de la Recherche                             Facture Août 2026
Nom, prénom du prestataire : Durand Paule
Numéro SIRET : {siret}
Numéro ADELI : 759312345
Adresse du prestataire : 3 rue de l'Université 75007 Paris
Email du prestataire : cabinet@psy.example
Date de l'émission de la facture : {date}
Numéro de la facture : {number}
Nom et adresse de l'université : {university}
34 cours Léopold 54000 Nancy
Email ou adresse postale du service facturier de l’université (destinataire de la facture) :
_____________________________________________________________________________________
Numéro du bon de commande de l’université (à demander à l’université) : {order}
Tableau récapitulatif
Date des séances  Nombre de séances  Dont premières  Total TTC
effectuées        réalisées          séances         €
{rows}
{total}
À régler sur le compte bancaire ci-dessous (RIB / IBAN) :
FR76 9999 9000 0100 0000 0010 106
{vat}
Délai de paiement : 30 jours à réception de facture
"""
ROWS = """\
04/08/2026        2                  0               100€
05/08/2026        1                  1               50€"""
FIELDS = {
    "siret": "732 829 320 00074",
    "date": "lundi 31 août 2026",
    "number": "2026-08-01",
    "university": "Lorraine Sud-Nancy",
    "order": "EJ/26-0012",
    "rows": ROWS,
    "total": "Total             3                  1               150€",
    "vat": "« TVA non applicable selon l’article 261-4-1 du Code Général des Impôts »",
}


def bill(**changes: str) -> Reading:
    """The bill that the service's site prints, with these lines changed."""
    return said(BILL.format(**{**FIELDS, **changes}))


def value(found: Found[object] | None) -> object:
    """A value that is claimed; what is doubtful is none."""
    return found.value if found and found.sure is not Sure.DOUBTFUL else None


def is_asked(found: Found[object] | None) -> bool:
    return found is not None and found.sure is Sure.DOUBTFUL


# --- the bill of the programme -----------------------------------------------------------------------------------


def test_every_line_of_the_bill_is_read() -> None:
    reading = bill()
    assert (reading.family, value(reading.number), value(reading.engagement)) == ("app", "2026-08-01", "EJ/26-0012")
    assert (value(reading.date), value(reading.month)) == (dt.date(2026, 8, 31), dt.date(2026, 8, 1))
    assert (value(reading.supplier_siret), reading.recipient_siret) == (SUPPLIER, None)
    assert (value(reading.supplier_name), value(reading.recipient_name)) == ("Durand Paule", "Lorraine Sud-Nancy")
    assert (value(reading.ttc), value(reading.currency), value(reading.iban)) == (
        Decimal(150),
        "EUR",
        "FR7699999000010000000010106",
    )


def test_every_value_says_where_it_was_read() -> None:
    reading = bill()
    assert reading.number and str(reading.number.where) == "page 1, ligne 9"
    assert reading.ttc and reading.ttc.text == "150€"


def test_no_vat_is_printed_and_it_follows_from_the_exemption() -> None:
    reading = bill()
    assert reading.ht and (reading.ht.value, reading.ht.sure) == (Decimal(150), Sure.DERIVED)
    assert reading.tva and (reading.tva.value, reading.tva.sure) == (Decimal(0), Sure.DERIVED)
    assert value(reading.vat) == "EXONERATION_261_4_1"


def test_the_table_is_read_row_by_row() -> None:
    reading = bill()
    assert [(one.date.day, one.count, one.amount) for one in reading.sessions] == [(4, 2, 100), (5, 1, 50)]
    assert value(reading.sessions_total) == 3


@pytest.mark.parametrize("nothing", ["___________________", "undefined", "null", "", "néant", "_ _ _"])
def test_an_empty_line_is_no_value(nothing: str) -> None:
    reading = bill(number=nothing, siret=nothing, order=nothing, date=nothing, university=nothing)
    assert [reading.number, reading.supplier_siret, reading.engagement, reading.date] == [None] * 4


@pytest.mark.parametrize(
    ("printed", "digits"),
    [
        ("732829320 00074", SUPPLIER),
        ("732.829.320.00074", SUPPLIER),
        ("732 829 320\u202f00074", SUPPLIER),
        ("00010101400017", "00010101400017"),
        ("7328293200007", "7328293200007"),
        ("73282932000074 (cabinet)", SUPPLIER),
    ],
)
def test_a_siret_is_read_as_printed_and_not_mended(printed: str, digits: str) -> None:
    assert value(bill(siret=printed).supplier_siret) == digits


def test_nine_digits_are_no_siret() -> None:
    assert bill(siret="732 829 320").supplier_siret is None


def test_the_bill_of_2021_had_one_line_for_either_number() -> None:
    old = BILL.replace("Numéro SIRET :", "Numéro d’enregistrement professionnel (SIRET ou numéro ADELI) :").replace(
        "Numéro ADELI : 759312345\n", ""
    )
    assert said(old.format(**FIELDS | {"siret": "759312345"})).supplier_siret is None
    assert value(said(old.format(**FIELDS)).supplier_siret) == SUPPLIER


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("31/08/2026", dt.date(2026, 8, 31)),
        ("1er juin 2026", dt.date(2026, 6, 1)),
        ("mercredi 1 juillet 2026", dt.date(2026, 7, 1)),
        ("20260815", dt.date(2026, 8, 15)),
        ("31.08.26", dt.date(2026, 8, 31)),
        ("31 aout 2026", dt.date(2026, 8, 31)),
    ],
)
def test_a_day_is_read_however_it_is_written(printed: str, day: dt.date) -> None:
    assert value(bill(date=printed).date) == day


@pytest.mark.parametrize("printed", ["20260230", "31/09/2026", "Invalid Date", "fin août"])
def test_a_day_that_is_none_is_said_and_not_moved(printed: str) -> None:
    reading = bill(date=printed)
    assert reading.date is None and reading.bad_date and reading.bad_date.text == printed


def test_a_weekday_that_is_another_day_is_asked() -> None:
    assert is_asked(bill(date="lundi 30 août 2026").date)


def test_a_number_is_all_of_its_line() -> None:
    assert value(bill(number="Santé Psy n°2026-juillet/Caen").number) == "Santé Psy n°2026-juillet/Caen"


def test_a_long_number_goes_on_in_the_next_line() -> None:
    long = "UNIVERSITE-DE-LORRAINE-DISPOSITIF-SANTE-PSY-ETUDIANT-2026-08-NUMERO-"
    assert value(bill(number=f"{long}\n001").number) == f"{long}001"


def test_an_order_number_in_groups_is_one_number() -> None:
    assert value(bill(order="4500 871 236").engagement) == "4500871236"


def test_a_name_that_the_font_tears_apart_is_still_a_name() -> None:
    reading = said(BILL.format(**FIELDS).replace("Durand Paule", "Nguy ễ n Lê").replace("Num", "Num "))
    assert (value(reading.supplier_name), value(reading.supplier_siret)) == ("Nguy ễ n Lê", SUPPLIER)


@pytest.mark.parametrize("printed", ["150€", "150,00 €", "150.00", "150", "150,00\xa0€"])
def test_the_total_is_read_however_it_is_written(printed: str) -> None:
    assert value(bill(total=f"Total             3                  1               {printed}").ttc) == Decimal(150)


def test_a_number_of_sessions_is_no_total() -> None:
    reading = bill(total="Total             3                  1")
    assert reading.ttc is None or is_asked(reading.ttc)


def test_with_one_row_unread_no_row_counts() -> None:
    assert bill(rows=f"{ROWS}\n06/08            1                  0               50€").sessions == ()


def test_a_sentence_that_says_what_to_write_says_nothing_of_this_bill() -> None:
    advice = "Si le prestataire n’est pas assujetti à la TVA, la facture doit comporter la mention"
    reading = bill(vat=f"{advice}\n« TVA non applicable, art. 293 B du CGI »")
    assert is_asked(reading.vat) and is_asked(reading.tva)


def test_a_table_may_be_cut_by_the_pages_and_its_total_stand_alone() -> None:
    whole = BILL.format(**FIELDS)
    first, rest = whole.split("05/08/2026")
    row, total = rest.split("Total  ")
    around = (
        "30/08/2026 18:42                       Santé Psy Étudiant\n{}\nhttps://site.example/bill/8/2026        {}/3"
    )
    reading = said(first, around.format(f"05/08/2026{row}".strip(), 2), around.format(f"Total  {total}".strip(), 3))
    assert (value(reading.ttc), len(reading.sessions)) == (Decimal(150), 2)
    assert value(reading.date) == dt.date(2026, 8, 31)


FORM = """
Facture
Nom, prénom du prestataire :          Benoît Çelik
Numéro SIRET :                        732 829 320 00074
Numéro ADELI :                        379345678
Numéro RPPS :                         10900001040
Adresse du prestataire :              8 place de la Préfecture
                                      37000 Tours
E-mail du prestataire :               cabinet@psy.example
Date de l’émission de la facture :    30/04/2026
Numéro de la facture :                26-0093
Nom et adresse de l’université :      Université de Tours
                                      60 rue du Plat d'Étain 37020 Tours
E-mail ou adresse postale du          TSA 12345
service facturier de l’université     37204 Tours CEDEX 3
(destinataire de la facture) :
Numéro du bon de commande de
l’université (à demander à            4500123987
l’université) :
Date des séances      Nombre de séances     Total TTC €
effectuées (une       réalisées pour        (nombre de
ligne par date)       chaque jour           séances X 50€)
03/04/2026            1                     50,00 €
04/04/2026            24                    1 200,00 €
Total :                                     1 250,00 €
À régler sur le compte bancaire ci-dessous (RIB / IBAN) : FR76 9999 9000 0100 0000 0010 494
TVA non applicable, art. 293 B du CGI
"""


def test_the_form_is_read_where_its_values_stand_in_the_next_cell() -> None:
    reading = said(FORM)
    assert (reading.family, value(reading.number), value(reading.engagement)) == ("template", "26-0093", "4500123987")
    assert (value(reading.supplier_siret), value(reading.recipient_name)) == (SUPPLIER, "Université de Tours")
    assert (value(reading.ttc), value(reading.vat)) == (Decimal(1250), "FRANCHISE_293B")


def test_the_form_is_read_where_its_values_stand_in_the_next_line() -> None:
    below = FORM.replace(" :   ", " :\n").replace("Numéro du bon de commande de\nl’université (à demander à", "")
    reading = said("\n".join(line.strip() if ":" in line else line for line in below.split("\n")))
    assert (value(reading.number), value(reading.supplier_siret)) == ("26-0093", SUPPLIER)
    assert value(reading.date) == dt.date(2026, 4, 30)


def test_of_the_blank_form_nothing_is_read() -> None:
    blank = dict.fromkeys(("siret", "date", "number", "university", "order"), "_" * 40)
    reading = bill(**blank, total="Total")
    assert {name for name, _ in reading.values()} <= {"type", "month", "vat", "iban", "supplier_name"}
    assert reading.sessions == ()


# --- any other invoice ---------------------------------------------------------------------------------------------

PRACTICE = """
Anne Petit                               Université Rennes 2
Psychologue clinicienne                  Place du recteur Henri Le Moal
12 rue de l'Université                   35043 Rennes
35000 Rennes                             SIRET 130 026 081 00013 - APE 8542Z
SIRET : 732 829 320
00074
ADELI 359312345 - RPPS 10900001040 - TVA FR44732829320

FACTURE N°2026/08/001                    Rennes, le 31/08/2026
Échéance : 30/09/2026

N° d'engagement juridique (EJ) : 1406123456
Code service : 02RECHERCHE (recherche)
N° de marché : 2026-M-014

Nature                Nb de séances      Tarif       Montant
Séance du 03/08/2026  3                  50,00 €     150,00 €
                                         Net à payer   150,00 €
TVA non applicable en application de l'article 261-4-1 du code général des impôts
IBAN : FR76 3000 6000 0112 3456 7890 189 BIC : AGRIFRPP
"""


def test_two_columns_are_two_parties() -> None:
    reading = said(PRACTICE)
    assert (value(reading.supplier_siret), value(reading.recipient_siret)) == (SUPPLIER, UNIVERSITY)
    assert value(reading.recipient_name) == "Université Rennes 2"


def test_references_are_told_apart() -> None:
    reading = said(PRACTICE)
    assert (value(reading.engagement), value(reading.service)) == ("1406123456", "02RECHERCHE")
    assert (value(reading.market), value(reading.number)) == ("2026-M-014", "2026/08/001")


def test_a_date_of_payment_is_not_the_date() -> None:
    assert value(said(PRACTICE).date) == dt.date(2026, 8, 31)


FOOT = (
    """
FACTURE FA-0098                                       Paris, le 3 septembre 2026
Client : Université de Lille
42 rue Paul Duez 59000 Lille
SIRET : 13002608100013
Votre référence : 4500998877
Supervision d'équipe                    1.245,30
Montant HT 1.245,30 € - TVA 20% : 249,06 € - Montant TTC : 1.494,36 €
Net à payer : 1 494,36 € TTC
"""
    + "\n" * 46
    + "PSY SELARL au capital de 1 000 € - SIRET 732 829 320 00074 - RCS Paris 732 829 320 - APE 8690F"
)


def test_the_seller_may_stand_in_the_foot_and_the_buyer_first() -> None:
    reading = said(FOOT)
    assert (value(reading.supplier_siret), value(reading.recipient_siret)) == (SUPPLIER, UNIVERSITY)


def test_totals_may_stand_in_one_line() -> None:
    reading = said(FOOT)
    assert [value(one) for one in (reading.ht, reading.tva, reading.ttc, reading.due)] == [
        Decimal("1245.30"),
        Decimal("249.06"),
        Decimal("1494.36"),
        Decimal("1494.36"),
    ]


def test_both_siret_in_one_line_are_told_apart_by_their_words() -> None:
    reading = said(f"Facture n° 12\nSIRET client : {UNIVERSITY} – SIRET prestataire : 732 829 320 00074")
    assert (value(reading.supplier_siret), value(reading.recipient_siret)) == (SUPPLIER, UNIVERSITY)


def test_a_siret_without_a_word_about_whose_it_is_is_asked() -> None:
    reading = said(f"Facture n° 12\nAnne Petit\nSIRET {SUPPLIER}")
    assert is_asked(reading.supplier_siret) and reading.recipient_siret is None


def test_a_siren_is_never_made_a_siret() -> None:
    printed = (
        "Facture n° 5\nÉmetteur\nACME\nSIREN : 732 829 320\nRCS Paris 732829320\nGLN : 3654789851000\nRPPS 10900001040"
    )
    reading = said(printed)
    assert reading.supplier_siret is None and reading.recipient_siret is None


def test_a_siren_and_its_nic_are_a_siret() -> None:
    assert value(said("Facture n° 5\nÉmetteur\nSIREN 732 829 320 NIC 00074").supplier_siret) == SUPPLIER


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("Facture n° 12 – Août 2026", "12"),
        ("FACTURE N° : F 2026 08", "F 2026 08"),
        ("Note d'honoraires n° 2026-31", "2026-31"),
        ("FACTURE\nn° FA2026-0031", "FA2026-0031"),
        ("Facture FA-2017-0010", "FA-2017-0010"),
        ("Numéro de facture    Date    Client\nF2026-7    31/08/2026    C12", "F2026-7"),
        ("Facture n° 2026-014 du 31/08/2026", "2026-014"),
        ("FACTURE DE SOLDE N° F-20\nAcompte facture n° F-11 du 01/07/2026 : 300,00 €", "F-20"),
        ("AVOIR N° A-02 sur facture n° F-011", "A-02"),
        ("FACTURE N° : F-30\nN° de facture associée : F-3", "F-30"),
        ("Facture\nmerci d'indiquer le numéro de facture 12 lors du virement", None),
        ("Facture du 31/08/2026", None),
        ("Facture Août 2026", None),
    ],
)
def test_the_number_is_the_one_of_this_invoice(printed: str, number: str | None) -> None:
    assert value(said(printed).number) == number


def test_two_numbers_of_equal_standing_are_asked() -> None:
    number = said("FACTURE N° FA-1\nFacture n° FA-2").number
    assert number and is_asked(number) and [other.value for other in number.others] == ["FA-2"]


@pytest.mark.parametrize(
    ("printed", "order"),
    [
        ("Bon de commande : néant", None),
        ("Bon de commande n° : ____________", None),
        ("Commande n°4500123456 du 12/01/2026", "4500123456"),
        ("Date de commande : 12/01/2026", None),
        ("Bon de livraison n° BL-77", None),
        ("Engagement : EJ-2026-004417", "EJ-2026-004417"),
        ("Franco de port (commande > 300 € HT)", None),
        ("N° commande    Échéance\nBC26/00871    30/09/2026", "BC26/00871"),
    ],
)
def test_an_order_number_needs_its_label(printed: str, order: str | None) -> None:
    assert value(said(f"Facture n° 1\n{printed}").engagement) == order


@pytest.mark.parametrize(
    ("printed", "amount"),
    [
        ("1 400,00 €", "1400.00"),
        ("1\u202f400,00 €", "1400.00"),
        ("1.245,30 €", "1245.30"),
        ("2,076.76 €", "2076.76"),
        ("27946 ,00", "27946.00"),
        ("500 €", "500.00"),
        ("50€00", "50.00"),
        ("-110,00 €", "-110.00"),
    ],
)
def test_an_amount_is_read_however_it_is_written(printed: str, amount: str) -> None:
    assert value(said(f"Facture n° 1\nTotal TTC    {printed}").ttc) == Decimal(amount)


@pytest.mark.parametrize("printed", ["1.245 €", "- 950,00 €"])
def test_an_amount_that_can_be_read_in_two_ways_is_asked(printed: str) -> None:
    assert is_asked(said(f"Facture n° 1\nTotal TTC {printed}").ttc)


def test_what_was_paid_before_is_not_due() -> None:
    reading = said("Facture n° 1\nTotal TTC    1 000,00 €\nAcompte versé    300,00 €\nReste à payer    700,00 €")
    assert (value(reading.ttc), value(reading.due)) == (Decimal(1000), Decimal(700))


def test_a_block_of_totals_may_have_its_labels_above() -> None:
    reading = said("Facture n° 1\nTotal HT     Total TVA     Total TTC\n500,00 €     100,00 €      600,00 €")
    assert [value(one) for one in (reading.ht, reading.tva, reading.ttc)] == [Decimal(500), Decimal(100), Decimal(600)]


def test_a_column_of_the_table_is_no_total() -> None:
    reading = said(
        "Facture n° 1\nDésignation     Qté     Total HT\nSupervision     1       500,00 €\nFormation       1       80,00 €"
    )
    assert reading.ht is None


def test_vat_by_rates_is_added_up_where_it_fits() -> None:
    reading = said("Facture n° 1\nTotal HT  1 000,00 €\nTVA 5,5 %  27,50 €\nTVA 20 %  100,00 €\nTotal TTC  1 127,50 €")
    assert reading.tva and (reading.tva.value, reading.tva.sure) == (Decimal("127.50"), Sure.DERIVED)


def test_a_bare_total_is_believed_only_where_nothing_else_can_be_meant() -> None:
    exempt = "TVA non applicable, article 261, 4, 1° du CGI"
    assert is_asked(said("Facture n° 1\nTotal : 150,00 €").ttc)
    assert value(said(f"Facture n° 1\nTotal : 150,00 €\n{exempt}").ttc) == Decimal(150)


@pytest.mark.parametrize(
    ("printed", "regime"),
    [
        ("Exonération de TVA, art. 261.4.1° du CGI", "EXONERATION_261_4_1"),
        ("TVA non applicable, art 293B", "FRANCHISE_293B"),
        ("French VAT exemption according to article 262 ter I", "EXONERATION_AUTRE"),
        ("Hors champ de TVA", "SANS_TVA"),
        ("TVA 20 %    20,00 €", "TVA"),
        ("TVA    0,00 €", "INCONNU"),
    ],
)
def test_what_is_said_of_vat(printed: str, regime: str) -> None:
    assert value(said(f"Facture n° 1\n{printed}").vat) == regime


def test_vat_and_a_mention_that_there_is_none_are_asked() -> None:
    assert is_asked(said("Facture n° 1\nTotal TVA    20,00 €\nTVA non applicable, art. 293 B du CGI").vat)


def test_a_credit_note_is_none_of_our_invoices() -> None:
    assert value(said("AVOIR N° A-02\nTotal TTC    110,00 €").type) == "AVOIR"
    assert value(said("Facture n° 1\nVous devez avoir reçu le RIB").type) == "FACTURE"


def test_an_estimate_is_asked() -> None:
    assert is_asked(said("DEVIS N° D-12\nTotal TTC    110,00 €").type)


# --- students --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Étudiante : Zoé Martin",
        "Nom de l'étudiant : MARTIN",
        "Objet : suivi psychologique de Mlle Emma Durand",
        "INE 0123456789A",
        "N° étudiant : 21904567",
    ],
)
def test_a_student_is_seen(line: str) -> None:
    reading = said(BILL.format(**FIELDS).replace("Tableau récapitulatif", f"{line}\nTableau récapitulatif"))
    assert [str(where) for where in reading.students] == ["page 1, ligne 15"]


@pytest.mark.parametrize("name", ["MARTIN Zoé", "Zoé Martin", "Mme Morel", "Loïc B. (L3)"])
def test_a_student_is_seen_in_the_table(name: str) -> None:
    rows = f"Date         Étudiant          Nombre     Total\n04/08/2026   {name:17} 2          100€"
    assert bill(rows=rows).students


@pytest.mark.parametrize(
    "line",
    [
        "Dispositif Santé Psy Étudiant : Université Jean Monnet",
        "Service de Santé Étudiante - Université Lumière Lyon 2",
        "Séances Santé Psy Étudiant - Université de Caen",
        "Étudiants reçus : 12",
        "Vie Étudiante : Maison Simone Veil",
        "Commande 4500123456A",
    ],
)
def test_ordinary_words_are_no_student(line: str) -> None:
    text = BILL.format(**FIELDS | {"order": "4500123456A"})
    assert said(text.replace("Tableau récapitulatif", f"{line}\nTableau récapitulatif")).students == ()


@pytest.mark.parametrize(
    "words",
    ["Entretien Psychologique", "Paule Durand", "Consultation en Visio", "Atelier Gestion du Stress", "Campus Lettres"],
)
def test_ordinary_words_of_a_row_are_no_student(words: str) -> None:
    assert bill(rows=f"04/08/2026   {words}    3     0    150€").students == ()


# --- everything, and nothing ------------------------------------------------------------------------------------------


def test_of_an_empty_paper_nothing_is_read() -> None:
    assert list(read([]).values()) == list(said("").values()) == []


@pytest.mark.parametrize("word", ["1", "a", "siret", "fr76", "31/08/2026", "facture", "261", "étudiant :", "_" * 40])
def test_an_endless_page_ends_soon(word: str) -> None:
    """Time grows with the length, whatever is repeated."""
    line = Line(1, tuple(Word(word, 9.0 * at, 10, 9.0 * at + 5, 20) for at in range(5_000)))
    start = time.perf_counter()
    read([Page(1, 595, 842, (line,))])
    assert time.perf_counter() - start < 3


def test_pages_are_numbered_as_they_come() -> None:
    reading = read([page("Facture n° 1"), page("Total TTC    10,00 €", 2)])
    assert reading.ttc and reading.ttc.where.page == 2
