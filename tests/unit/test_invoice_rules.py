"""Each rule of the portal has an invoice that breaks it, and the sentence its owner gets."""

from __future__ import annotations

from decimal import Decimal

import pytest
from factures import SUPPLIER, TODAY, UNIVERSITY, load, problems_of, write_facture

from robot.checks import load_invoice
from robot.failures import InvoiceInvalid

RULES = [
    # 6.1 invoice number
    ("number", None, "NUMERO_ABSENT", "Le numéro de la facture manque."),
    ("number", "A" * 21, "NUMERO_INVALIDE", "Proposition : AAAAAAAAAAAAAAAAAAAA."),
    ("number", "Psy n°7", "NUMERO_INVALIDE", "ne convient pas au portail : 20 signes au plus"),
    ("number", "１２", "NUMERO_INVALIDE", "lettres, chiffres et - _ / +"),  # digits of another script
    ("number", "20261234567890123456", "NUMERO_DU_PORTAIL", "ressemble à ceux que le portail fabrique"),
    ("number", "TMP2026123", "NUMERO_DU_PORTAIL", "ressemble à ceux que le portail fabrique"),
    # 6.2 SIRET
    ("recipient", None, "SIRET_DESTINATAIRE_ABSENT", "n'indique pas le SIRET de l'université"),
    ("recipient", "{siret: '19860856400374'}", "SIRET_DESTINATAIRE_INVALIDE", "clé de contrôle fausse"),
    (
        "recipient",
        "{siret: '1986085640037'}",
        "SIRET_DESTINATAIRE_INVALIDE",
        "13 signes au lieu de 14 chiffres",
    ),
    ("recipient", "{siret: 'Université XY'}", "SIRET_DESTINATAIRE_INVALIDE", "comporte une erreur de frappe"),
    ("recipient", f"{{siret: '{SUPPLIER}'}}", "SIRET_IDENTIQUES", "Le SIRET de l'université est le vôtre."),
    (
        "supplier",
        "{siret: '00020260600019'}",
        "SIRET_FOURNISSEUR_INVALIDE",
        "Le SIRET 00020260600019 comporte",
    ),
    # the State is no university
    (
        "recipient",
        "{siret: '11000201100044'}",
        "DESTINATAIRE_ETAT",
        "est celui de l'État, pas d'une université",
    ),
    (
        "recipient",
        f"{{siret: '{UNIVERSITY}', state: true}}",
        "DESTINATAIRE_ETAT",
        "adressée à l'État (state: true)",
    ),
    # 6.3 date
    ("date", None, "DATE_ABSENTE", "La date de la facture est absente."),
    ("date", "2026-02-30", "DATE_INVALIDE", "La date de la facture est impossible (2026-02-30)."),
    ("date", "31/10/2026", "DATE_INVALIDE", "impossible (31/10/2026)"),
    ("date", "20261031", "DATE_INVALIDE", "impossible (20261031)"),  # never a number of seconds
    ("date", "2026-11-03", "DATE_FUTURE", "La facture est datée du 03/11/2026, dans le futur."),
    # 6.4 what recipients ask for
    (
        "recipient",
        f"{{siret: '{UNIVERSITY}', service: a*b}}",
        "SERVICE_FORMAT",
        "Le code service a*b ne convient pas",
    ),
    ("recipient", f"{{siret: '{UNIVERSITY}', service: {'x' * 101}}}", "SERVICE_FORMAT", "100 signes au plus"),
    (
        "recipient",
        f"{{siret: '{UNIVERSITY}', service: factures_publiques}}",
        "SERVICE_FACTURES_PUBLIQUES",
        "que les factures entre organismes publics",
    ),
    ("engagement", "BC 26", "ENGAGEMENT_FORMAT", "Le numéro de commande BC 26 ne convient pas au portail"),
    ("engagement", "1" * 51, "ENGAGEMENT_FORMAT", "50 signes au plus"),
    ("market", "n°3", "MARCHE_FORMAT", "Le numéro de marché n°3 ne convient pas au portail"),
    ("market", "1" * 51, "MARCHE_FORMAT", "50 signes au plus"),
    # 6.6 amounts and VAT
    (
        "amounts",
        "{ht: 600, tva: 0}",
        "TOTAL_ABSENT",
        "Nous ne trouvons pas le montant TTC. Saisissez-le : amounts.ttc.",
    ),
    ("amounts", "{ht: 600.001, tva: 0, ttc: 600}", "MONTANT_INVALIDE", "Le montant HT « 600.001 »"),
    ("amounts", "{ht: NaN, tva: 0, ttc: 600}", "MONTANT_INVALIDE", "Le montant HT « NaN »"),
    ("amounts", "{ht: 6e2, tva: 0, ttc: 600}", "MONTANT_INVALIDE", "Le montant HT « 6e2 »"),
    ("amounts", "{ht: -600, tva: 0, ttc: 600}", "MONTANT_NEGATIF", "C'est un avoir ou un montant négatif."),
    ("amounts", "{ht: 1600, tva: 0, ttc: 650}", "HT_TVA_TTC", "1\xa0600,00 € + 0,00 € ne fait pas 650,00 €."),
    (
        "amounts",
        "{ht: 600, tva: 0, ttc: 600, due: 601}",
        "NET_A_PAYER",
        "601,00 €, dépasse le total TTC, 600,00 €",
    ),
    ("amounts", "{ht: 500, tva: 100, ttc: 600}", "TVA_NON_NULLE", "La facture porte 100,00 € de TVA"),
    ("type", "AVOIR", "AVOIR", "Ce parcours ne dépose que des factures"),
    # the rest of the form
    (
        "comment",
        "x" * 2001,
        "COMMENTAIRE_TROP_LONG",
        "Le commentaire a 2001 signes ; le portail en accepte 2000.",
    ),
    ("attachments", "[{file: bilan.pdf}]", "DESIGNATION", "La désignation d'une pièce jointe est vide."),
    (
        "attachments",
        f"[{{file: bilan.pdf, designation: {'x' * 101}}}]",
        "DESIGNATION",
        "a plus de 100 signes",
    ),
    (
        "attachments",
        f"[{{file: bilan.pdf, designation: x, type: {'x' * 31}}}]",
        "TYPE_DE_PIECE",
        "a plus de 30 signes",
    ),
    # 6.5 files
    ("file", None, "FICHIER_ABSENT", "Le fichier PDF de la facture manque."),
    ("file", "absente.pdf", "FICHIER_ABSENT", "absente.pdf est introuvable."),
    ("attachments", "[{designation: x}]", "PIECE_JOINTE", "Une pièce jointe n'a pas de fichier."),
    (
        "attachments",
        "[{file: non.pdf, designation: x}]",
        "PIECE_JOINTE",
        "La pièce non.pdf ne peut pas être jointe",
    ),
]


@pytest.mark.parametrize(("key", "value", "code", "words"), RULES)
def test_each_rule_refuses_with_its_code_and_sentence(tmp_path, key, value, code, words):
    """One broken rule, one problem, at the line of its key."""
    path = write_facture(tmp_path, **{key: value})
    lines = [line.partition(":")[0] for line in path.read_text(encoding="utf-8").splitlines()]
    (problem,) = problems_of(path)
    assert problem[:2] == (code, lines.index(key) + 1 if value else 1)
    assert words in problem[2]


def test_no_vat_type_without_vat_holds_for_both(tmp_path):
    """SANS_TVA with VAT is refused like EXONERATION with VAT; a taxed type is not."""
    taxed = {"amounts": "{ht: 500, tva: 100, ttc: 600}"}
    assert problems_of(write_facture(tmp_path, **taxed, vat="{type: SANS_TVA}"))[0][0] == "TVA_NON_NULLE"
    assert load(write_facture(tmp_path, **taxed, vat="{type: TVA_SUR_DEBIT}")).amounts.tva == Decimal(100)


def test_a_supplier_must_be_known(tmp_path):
    """Neither the file nor the configuration says who sends the invoice."""
    ((code, _, what),) = problems_of(write_facture(tmp_path), supplier=None)
    assert (code, what) == ("SIRET_FOURNISSEUR_ABSENT", "Votre SIRET n'est pas indiqué.")


def test_a_line_end_counts_twice_in_a_comment(tmp_path):
    """Forms send each line end as two characters: 1000 short lines are too long."""
    comment = '"' + "x\\n" * 999 + 'x"'
    assert problems_of(write_facture(tmp_path, comment=comment))[0][0] == "COMMENTAIRE_TROP_LONG"


@pytest.mark.parametrize(
    ("cadre", "words"),
    [
        ("A1", "« cadre » vaut « A1 »"),
        ("A10_FACTURE_SOUSTRAITANT", "« cadre » vaut « A10_FACTURE_SOUSTRAITANT »"),  # exists, elsewhere
    ],
)
def test_only_the_four_cadres_of_this_journey_are_taken(tmp_path, cadre, words):
    """Codes are the portal's own."""
    assert words in problems_of(write_facture(tmp_path, cadre=cadre))[0][2]


def test_an_unknown_key_is_refused_with_the_nearest(tmp_path):
    """A slip in a key is never silently ignored."""
    with pytest.raises(
        InvoiceInvalid, match=r"facture\.yaml:6: clé inconnue « engagment » ; remède : .*« engagement »"
    ):
        load_invoice(write_facture(tmp_path, engagment="1"), supplier=SUPPLIER, today=TODAY)


def test_everything_wrong_is_said_at_once(tmp_path):
    """Shapes, rules and files together, in the order of the lines."""
    path = write_facture(
        tmp_path,
        file="absente.pdf",
        number="n°1",
        date="demain",
        recipient="{siret: '1', service: a*b, state: true}",
        amounts="{ht: x, tva: 0, ttc: -1}",
        couleur="bleu",
    )
    assert [(code, line) for code, line, _ in problems_of(path)] == [
        ("FICHIER_ABSENT", 1),
        ("NUMERO_INVALIDE", 2),
        ("DATE_INVALIDE", 3),
        ("SIRET_DESTINATAIRE_INVALIDE", 4),
        ("SERVICE_FORMAT", 4),
        ("DESTINATAIRE_ETAT", 4),
        ("MONTANT_INVALIDE", 5),
        ("MONTANT_NEGATIF", 5),
        ("", 6),
    ]


def test_an_empty_file_is_told_what_an_invoice_needs(tmp_path):
    """Nothing is guessed."""
    (tmp_path / "facture.yaml").write_text("")
    codes = {code for code, _, _ in problems_of(tmp_path / "facture.yaml", supplier=None)}
    assert codes == {
        "FICHIER_ABSENT",
        "NUMERO_ABSENT",
        "DATE_ABSENTE",
        "SIRET_FOURNISSEUR_ABSENT",
        "SIRET_DESTINATAIRE_ABSENT",
        "TOTAL_ABSENT",
    }


@pytest.mark.parametrize("text", ["- a", "facture", "{file: [a]}", "attachments: 3", "attachments: [[x]]"])
def test_a_file_of_another_shape_ends_in_sentences(tmp_path, text):
    """Whatever stands in the file, its owner gets problems with lines."""
    (tmp_path / "facture.yaml").write_text(text)
    assert all(line for _, line, _ in problems_of(tmp_path / "facture.yaml"))
