"""Every sentence that is said of an invoice before its deposit, with its level; `pdffile.py` has those of the file.

Words for somebody who prints one bill a month: what was seen, why it matters, what to do. Knows no rule.
"""

from __future__ import annotations

from typing import Any

from robot.uploads import Finding, Level

_BLOCKS, _ASKS, _TELLS = Level.BLOCKS, Level.ASKS, Level.TELLS

# Code, level, words; braces stand for values of the invoice.
_SENTENCES: dict[str, tuple[Level, str]] = {
    "NOM_ETUDIANT": (
        _BLOCKS,
        "La facture semble porter un nom ou un numéro d'étudiant ({place}). Le secret professionnel l'interdit : "
        "indiquez seulement le nombre de séances.",
    ),
    "PDF_XML_DIVERGENTS": (
        _BLOCKS,
        "Le montant imprimé ({printed}) et celui du XML caché ({hidden}) sont différents. Refaites la facture.",
    ),
    "VALEUR_DOUTEUSE": (_ASKS, "{what} semble être « {value} » ({place}), mais {why}. Que faut-il écrire ?"),
    "VALEUR_AUTRE": (_ASKS, "Vous demandez {what}. L'université compare les deux. Est-ce voulu ?"),
    "VALEUR_ILLISIBLE": (_ASKS, "{what} : rien ne se lit dans le fichier. Recopiez ce qui est imprimé."),
    "NUMERO_DEJA_DEPOSE": (
        _BLOCKS,
        "Vous avez déjà déposé une facture n° {number} le {day} ({amount}, {recipient}). Si c'est une autre facture, "
        "donnez-lui un nouveau numéro. Votre espace psychologue reprend le numéro du mois précédent : pensez à le changer.",
    ),
    "NUMERO_APRES_REJET": (
        _BLOCKS,
        "La facture n° {number} a été rejetée (vu le {day}). Il faut un nouveau numéro : l'ancien ne sera plus accepté.",
    ),
    "NUMERO_AUTRE_CONTENU": (
        _ASKS,
        "Même numéro {number}, mais la date ou le total ont changé depuis le {day}. Est-ce la même facture réimprimée ?",
    ),
    "DOUBLON_CONTENU": (
        _ASKS,
        "Une facture de {amount} pour {month} et la même université a déjà été déposée sous le n° {number}. "
        "Voulez-vous vraiment en déposer une autre ?",
    ),
    "DATE_AVANT_SEANCES": (
        _ASKS,
        "La facture est datée du {day}, avant la dernière séance ({session}). L'université paie après service fait. "
        "La déposer quand même ?",
    ),
    "DATE_ANCIENNE": (
        _TELLS,
        "La facture date de {months} mois. Vérifiez que le bon de commande est encore valable.",
    ),
    "DATE_AVANT_DERNIER_DEPOT": (
        _TELLS,
        "La facture est datée du {day}, avant la dernière que vous avez déposée (n° {number}, du {last}). "
        "Vérifiez que c'est la bonne.",
    ),
    "MOIS_MELANGES": (
        _ASKS,
        "Le tableau contient des séances de {months}. Une facture par mois est la règle du dispositif. "
        "La déposer quand même ?",
    ),
    "SIRET_FOURNISSEUR_ABSENT": (
        _BLOCKS,
        "Votre SIRET n'est pas sur la facture. Renseignez-le dans votre espace psychologue, puis réimprimez.",
    ),
    "SIRET_FOURNISSEUR_INVALIDE": (
        _BLOCKS,
        "Le SIRET {siret}, imprimé comme le vôtre, comporte une erreur de frappe ({why}).",
    ),
    "SIRET_FOURNISSEUR_AUTRE": (
        _BLOCKS,
        "La facture porte le SIRET {printed}, votre compte est rattaché à {own}. Avez-vous déménagé ? "
        "Le SIRET change avec l'adresse.",
    ),
    "SIRET_DESTINATAIRE_ABSENT": (
        _ASKS,
        "La facture n'indique pas le SIRET de l'université{name} : c'est normal pour la facture pré-remplie. "
        "Quelle est l'université de votre convention ?",
    ),
    "SIRET_DESTINATAIRE_INVALIDE": (
        _BLOCKS,
        "Le SIRET de l'université, {siret}, comporte une erreur de frappe ({why}).",
    ),
    "DESTINATAIRE_AUTRE": (
        _ASKS,
        "La facture est adressée à {printed}, nous la déposerions pour {known}. Les séances sont payées par l'université "
        "de votre convention, quelle que soit celle de l'étudiant. Est-ce bien elle ?",
    ),
    "ENGAGEMENT_ABSENT": (
        _ASKS,
        "Aucun numéro de bon de commande. {who} l'exige peut-être : sans lui la facture peut être refusée à l'entrée. "
        "Demandez-le{contact}, ou confirmez que votre université n'en donne pas.",
    ),
    "ENGAGEMENT_EXIGE": (
        _BLOCKS,
        "Aucun numéro de bon de commande. {who} l'exige (vu sur le portail le {day}) : sans lui la facture est refusée. "
        "Demandez-le{contact}, ajoutez-le dans votre espace psychologue, puis réimprimez.",
    ),
    "ENGAGEMENT_AUTRE": (
        _ASKS,
        "La facture porte la commande {printed}, {where} {known}. Il faut le même numéro sur la facture et sur le portail. "
        "Lequel est le bon ?",
    ),
    "ENGAGEMENT_ANCIEN": (
        _TELLS,
        "Cette commande sert depuis le {day}, et l'année a changé. Les universités en ouvrent souvent une nouvelle "
        "chaque année.",
    ),
    "CODE_SERVICE_ABSENT": (
        _ASKS,
        "{who} demande un code service{why}. Il figure sur le bon de commande, à côté du SIRET.",
    ),
    "TOTAL_INCOHERENT": (
        _BLOCKS,
        "Le tableau compte {count} séances, soit {sum} ; la facture affiche {total}. L'université compare avec vos séances "
        "déclarées et rejetterait.",
    ),
    "TARIF_INATTENDU": (
        _ASKS,
        "{total} pour {count} séances fait {unit} par séance. {rule} Est-ce voulu ?",
    ),
    "TVA_MENTION_293B": (
        _ASKS,
        "La facture dit « art. 293 B » (franchise). Pour des soins, la mention habituelle est « art. 261-4-1° » "
        "(exonération). La TVA reste à 0. Qu'attend votre université ?",
    ),
    "TVA_MENTION_AUTRE": (
        _ASKS,
        "Vous demandez {type}, la facture dit « {printed} ». L'un des deux est faux : l'université rejetterait. "
        "Déposer quand même ?",
    ),
    "TVA_SANS_MOTIF": (
        _ASKS,
        "TVA à 0 sans mention. Ajoutez « TVA non applicable, article 261-4-1° du CGI » à la facture. "
        "La déposer quand même ?",
    ),
    "TVA_NON_NULLE": (
        _ASKS,
        "La facture porte {tva} de TVA. Les séances du dispositif en sont exonérées : est-ce une autre prestation ? "
        "Dites alors quand cette TVA est due.",
    ),
    "IBAN_CHANGE": (
        _ASKS,
        "L'IBAN n'est plus celui de votre dernière facture (il finissait par {end}). Prévenez l'université, sinon elle "
        "suspendra le paiement. Continuer ?",
    ),
    "TRAVAIL_EN_ATTENTE": (
        _TELLS,
        "{count} facture(s) vous attendent sur le portail : rejetée, suspendue ou à recycler ({numbers}). "
        "Traitez-les d'abord.",
    ),
}

# Two sentences of one code: what is known decides which is said.
_PUBLIC = {"ENGAGEMENT_EXIGE": "ENGAGEMENT_ABSENT", "VALEUR_ILLISIBLE": "VALEUR_DOUTEUSE"}


def finding(code: str, *, level: Level | None = None, place: object = "", **values: Any) -> Finding:
    """A finding in the words of the table; `field` and `options` say how it is answered."""
    usual, sentence = _SENTENCES[code]
    field, options = values.pop("field", ""), tuple(values.pop("options", ()))
    message = sentence.format(place=place, **values)
    return Finding(_PUBLIC.get(code, code), level or usual, message, str(place), field, options)
