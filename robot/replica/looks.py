"""How one portal looks: its words, the ids and names of its controls, the order of its blocs.

Today's portal, the tutorial's portal of 2021, and either of them by another hand (« autre »), whose markup
and words differ, to prove that a robot does not lean on ours. Pages read a `Look`; rules never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from robot.replica import enrolment_words, structure_words
from robot.replica.statuses import STATUS_LABELS, STATUS_LABELS_OTHER, Status

GENERATIONS = (2021, 2024)
STYLES = ("dossier", "autre")

# Words of today's portal; where nobody has seen them, a guess in its manner.
_WORDS_2024 = {
    "deposit_tab": "Déposer facture",
    "typing_tab": "Saisir facture",
    # Deposit dialog.
    "deposit_title": "Dépôt d'une nouvelle facture",
    "file": "Choix du fichier à importer",
    "cadre": "Cadre de facturation :",
    "supplier": "Votre structure",
    "supplier_service": "Service",
    "continue": "Valider et continuer",
    "pick_file": "Choisir un fichier",
    # Blocs of the form.
    "bloc_cadre": "Cadre de facturation",
    "bloc_supplier": "Fournisseur",
    "bloc_recipient": "Destinataire",
    "bloc_references": "Références",
    "bloc_amounts": "Montants totaux",
    "bloc_attachments": "Pièces jointes",
    "bloc_comment": "Commentaire",
    # Fields of the form.
    "state": "Le destinataire est-il l'État ?",
    "siret": "Identifiant",
    "service": "Code service",
    "number": "Numéro de facture",
    "date": "Date de facture",
    "engagement": "Numéro du bon de commande",
    "market": "Numéro de marché",
    "type": "Type de facture",
    "vat_type": "Type de TVA",
    "vat_reason": "Motif d'exonération",
    "payment": "Mode de règlement",
    "currency": "Devise",
    "ht": "Montant HT",
    "tva": "Montant TVA",
    "ttc": "Montant TTC",
    "due": "Montant à payer",
    "comment": "Commentaire",
    "worksite": "Numéro de chantier",
    # Attachments.
    "attachments": "Gérer les pièces jointes",
    "attachments_title": "Pièces jointes de la facture",
    "attachment_file": "Fichier",
    "attachment_type": "Type",
    "attachment_designation": "Désignation",
    # An invoice that came back: nobody has seen these.
    "recycle": "Modifier",
    "join": "Ajouter des pièces",
    "completion": "Réponse au destinataire",
    "complete": "Compléter la facture",
    # Search.
    "search_number": "Numéro de facture",
    "search_order": "Numéro du bon de commande",
    "search_status": "État courant",
    "search_first": "Date de dépôt du",
    "search_last": "Date de dépôt au",
}

# The tutorial's words, where they differ.
_WORDS_2021 = {
    "deposit_tab": "Dépôt factures",
    "supplier": "Notre structure",
    "continue": "Valider",
    "pick_file": "Télécharger en .pdf",
    "bloc_recipient": "Bloc destinataire",
    "bloc_references": "Référence",
    "bloc_attachments": "Bloc pièces jointes",
    "siret": "Numéro SIRET",
    "engagement": "Numéro d'engagement",
    "attachments": "Ajouter une pièce jointe",
    "search_order": "Numéro d'engagement",
}

# Other words that guides give for the same things, as another hand could have chosen them.
_WORDS_OTHER = {
    "deposit_tab": "Déposer une facture",
    "typing_tab": "Saisir une facture",
    "supplier": "Fournisseur",
    "supplier_service": "Votre service",
    "continue": "Continuer",
    "pick_file": "Parcourir…",
    "bloc_cadre": "Cadre",
    "bloc_supplier": "Émetteur",
    "bloc_recipient": "Bloc destinataire",
    "bloc_references": "Référence",
    "bloc_attachments": "Bloc pièces jointes",
    "bloc_comment": "Informations complémentaires",
    "siret": "SIRET du destinataire",
    "service": "Service exécutant",
    "number": "Numéro de la facture",
    "date": "Date de la facture",
    "engagement": "Numéro d'engagement",
    "type": "Type facture",
    "vat_reason": "Motif d'éxoneration",
    "currency": "Devise de la facture",
    "ht": "Montant HT après remise globale",
    "ttc": "Montant TTC après remise",
    "due": "Net à payer",
    "attachments": "Ajouter une pièce jointe",
    "attachment_file": "Choisir un fichier",
    "attachment_type": "Type de pièce jointe",
    "recycle": "Recycler la facture",
    "join": "Ajouter les pièces demandées",
    "completion": "Commentaire",
    "complete": "Valider le complément",
    "search_number": "Numéro",
    "search_order": "Numéro d'engagement",
}
_WORDS_OTHER_2021 = {"deposit_tab": "Dépôt facture", "continue": "Valider", "supplier": "Notre structure"}

# Where each control stands in the portal's grammar: <MODULE>_<Screen>_<Block>_<Field>.
_PLACES = {
    "file": "DepotFacture_Fichier_FichierImporte",
    "cadre": "DepotFacture_Fichier_CadreFacturation",
    "supplier": "DepotFacture_Fichier_Structure",
    "supplier_service": "DepotFacture_Fichier_Service",
    "state": "SaisieFacture_Destinataire_DestinataireEtat",
    "siret": "SaisieFacture_Destinataire_Identifiant",
    "service": "SaisieFacture_Destinataire_CodeService",
    "number": "SaisieFacture_References_NumeroFacture",
    "date": "SaisieFacture_References_DateFacture",
    "engagement": "SaisieFacture_References_NumeroBonDeCommande",
    "market": "SaisieFacture_References_NumeroMarche",
    "type": "SaisieFacture_References_TypeFacture",
    "vat_type": "SaisieFacture_References_TypeTva",
    "vat_reason": "SaisieFacture_References_MotifExoneration",
    "payment": "SaisieFacture_References_ModeReglement",
    "currency": "SaisieFacture_References_Devise",
    "ht": "SaisieFacture_MontantsTotaux_MontantHt",
    "tva": "SaisieFacture_MontantsTotaux_MontantTva",
    "ttc": "SaisieFacture_MontantsTotaux_MontantTtc",
    "due": "SaisieFacture_MontantsTotaux_MontantAPayer",
    "comment": "SaisieFacture_Commentaire_Commentaire",
    "worksite": "SaisieFacture_References_NumeroChantier",
    "attachment_file": "PiecesJointes_Ajout_Fichier",
    "attachment_type": "PiecesJointes_Ajout_Type",
    "attachment_designation": "PiecesJointes_Ajout_Designation",
    "completion": "PiecesJointes_Complement_Commentaire",
    "search_number": "RechercheDemandePaiement_Criteres_NumeroFacture",
    "search_order": "RechercheDemandePaiement_Criteres_NumeroBonDeCommande",
    "search_status": "RechercheDemandePaiement_Criteres_EtatCourant",
    "search_first": "RechercheDemandePaiement_Criteres_DateDepotDebut",
    "search_last": "RechercheDemandePaiement_Criteres_DateDepotFin",
}
# Names seen on the portal's own search page.
_SEEN_NAMES = {
    "search_number": "listeResultats.critere.numero",
    "search_order": "listeResultats.critere.numeroBonDeCommande",
    "search_status": "listeResultats.critere.etatCourant",
    "search_first": "listeResultats.critere.dateDepotDebut",
    "search_last": "listeResultats.critere.dateDepotFin",
}

_FORM_BLOCS = (
    "cadre",
    "fournisseur",
    "destinataire",
    "references",
    "montants",
    "pieces-jointes",
    "commentaire",
)
_OTHER_BLOCS = (
    "references",
    "montants",
    "destinataire",
    "commentaire",
    "pieces-jointes",
    "fournisseur",
    "cadre",
)

FORM_FIELDS = (
    "state", "siret", "service", "number", "date", "engagement", "market", "type", "vat_type", "vat_reason",
    "payment", "currency", "ht", "tva", "ttc", "due", "comment", "worksite",
)  # fmt: skip
# All that an invoice « à recycler » lets change: its recipient, with the question that goes with it, service, commitment.
RECYCLED_FIELDS = ("state", "siret", "service", "engagement")


# Places of what is not about an invoice.
_ACCOUNT_PLACES = structure_words.PLACES | enrolment_words.PLACES


@dataclass(frozen=True)
class Look:
    """One portal's looks."""

    generation: int
    style: str
    words: Mapping[str, str]
    # Bloc names in their order on the form; each is the template bloc-<name>.html.
    blocs: tuple[str, ...]

    @property
    def is_other(self) -> bool:
        return self.style == "autre"

    @property
    def status_labels(self) -> Mapping[Status, str]:
        return STATUS_LABELS_OTHER if self.is_other else STATUS_LABELS

    @property
    def asks_state(self) -> bool:
        """The tutorial of 1 July 2021 does not know the question; its correction of 15 July does."""
        return self.generation >= 2024

    def id(self, key: str) -> str:
        if self.is_other:
            return f"zone{_rank(key)}"
        if key in _PLACES:
            return f"GDP_{_PLACES[key]}"
        place = _ACCOUNT_PLACES[key]
        # The portal home is a ServiceNow portal: its forms name their fields so.
        return f"GCU_{place}" if self.generation == 2021 else f"sp_formfield_{_variable(place)}"

    def name(self, key: str) -> str:
        if self.is_other:
            return f"p{_rank(key)}"
        if key in _SEEN_NAMES:
            return _SEEN_NAMES[key]
        if key in _ACCOUNT_PLACES and self.generation != 2021:
            return _variable(_ACCOUNT_PLACES[key])
        root = "demandePaiement" if key in _PLACES else "structure" if key in structure_words.PLACES else "compte"
        _, block, field = (_PLACES | _ACCOUNT_PLACES)[key].split("_")
        return f"{root}.{block[0].lower()}{block[1:]}.{field[0].lower()}{field[1:]}"

    @property
    def sheet_fields(self) -> tuple[str, ...]:
        """Fields of a « fiche structure » in their order."""
        return structure_words.SHEET_FIELDS_OTHER if self.is_other else structure_words.SHEET_FIELDS

    def credential(self, key: str) -> str:
        """Id and name of a control of the sign-in pages: those of the framework, or others."""
        return (
            {"username": "login-mail", "password": "login-pass", "otp": "login-digits"}[key] if self.is_other else key
        )

    def event(self, name: str) -> str:
        """Name of the button that tells the server what was pressed."""
        return f"act_{name}" if self.is_other else f"_eventId_{name}"

    def event_of(self, names: Iterable[str]) -> str:
        """What was pressed, among the names of a posted form."""
        start = self.event("")
        return next((name.removeprefix(start) for name in names if name.startswith(start)), "")


def _rank(key: str) -> int:
    """A number that means nothing to a reader."""
    # A prime above their number keeps them apart.
    return 100 + [*_PLACES, *_ACCOUNT_PLACES].index(key) * 7 % 97


def _variable(place: str) -> str:
    """« FicheStructure_Adresse_CodePostal » as a variable of a catalogue: code_postal."""
    field = place.rpartition("_")[2]
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in field).strip("_")


def look_of(generation: int, style: str) -> Look:
    """Raises ValueError for a generation or a style that does not exist."""
    if generation not in GENERATIONS or style not in STYLES:
        raise ValueError(f"unknown look: generation {generation} of {GENERATIONS}, style {style!r} of {STYLES}")
    words = _WORDS_2024 | structure_words.WORDS_2024 | enrolment_words.WORDS_2024
    if generation == 2021:
        words |= _WORDS_2021 | structure_words.WORDS_2021 | enrolment_words.WORDS_2021
    if style == "autre":
        words |= _WORDS_OTHER | structure_words.WORDS_OTHER | enrolment_words.WORDS_OTHER
        if generation == 2021:
            words |= _WORDS_OTHER_2021 | structure_words.WORDS_OTHER_2021 | enrolment_words.WORDS_OTHER_2021
    return Look(generation, style, words, _OTHER_BLOCS if style == "autre" else _FORM_BLOCS)
