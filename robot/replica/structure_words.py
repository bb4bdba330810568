"""Words and places of the controls about structures: the request of a « rattachement », the « fiche structure ».

Data for `looks.py`. Where the guides are silent, a word is a guess in the portal's manner, marked « guess ».
"""

from __future__ import annotations

WORDS_2024 = {
    # « Mes rattachements ».
    "ask": "Demander un rattachement",  # guess: the tutorial's word, on a page that nobody has shown
    "join_title": "Demander un rattachement à une structure",
    "join_kind": "Type de structure",  # guess
    "join_identifier": "Identifiant",
    "join_company": "Raison sociale",
    "join_search": "Rechercher",
    "join_choice": "Choix",  # guess
    "join_submit": "Valider",
    "create_missing": "Créer une nouvelle structure",
    # « Créer une structure ».
    "sheet_title": "Créer une structure",
    "sheet_identifier_type": "Type d'identifiant",
    "sheet_identifier": "Identifiant",
    "sheet_active": "Actif",  # the tutorial's word; that today's form has it is a guess, and so is its meaning
    "sheet_company": "Raison sociale",
    "sheet_street": "Adresse",
    "sheet_complement": "Complément d'adresse",
    "sheet_postcode": "Code postal",
    "sheet_town": "Ville",
    "sheet_phone": "Téléphone",
    "sheet_email": "Adresse électronique",
    "sheet_submit": "Soumettre",
    # Window of the first sign-in; only « créer une nouvelle structure » is known.
    "welcome_title": "Bienvenue",  # guess
    "welcome_create": "Créer une nouvelle structure",
    "welcome_join": "Rejoindre une structure existante",  # guess
    "welcome_close": "Fermer",  # guess
}

WORDS_2021 = {
    "ask": "Demande de rattachement",
    "create_missing": "Créer une structure",
    "sheet_submit": "Valider",
}

# As another hand could have chosen them; all guesses but « Demander un rattachement », the tutorial's own.
WORDS_OTHER = {
    "ask": "Demander un rattachement à une structure",
    "join_kind": "Nature de la structure",
    "join_identifier": "SIRET",
    "join_company": "Nom de la structure",
    "join_submit": "Envoyer la demande",
    "create_missing": "Créer votre structure",
    "sheet_identifier": "Numéro de SIRET",
    "sheet_street": "Numéro et voie",
    "sheet_town": "Commune",
    "sheet_company": "Nom de la structure",
    "sheet_submit": "Valider",
    "welcome_title": "Première connexion",
    "welcome_join": "Rejoindre une structure",
    "welcome_close": "Plus tard",
}
WORDS_OTHER_2021 = {"ask": "Demander un rattachement", "join_submit": "Valider"}

# <Screen>_<Block>_<Field>, in the grammar of the ids that were seen on the invoicing application.
PLACES = {
    "join_kind": "RattachementStructure_Criteres_TypeStructure",
    "join_identifier": "RattachementStructure_Criteres_Identifiant",
    "join_company": "RattachementStructure_Criteres_RaisonSociale",
    "join_choice": "RattachementStructure_Resultats_Structure",
    "sheet_identifier_type": "FicheStructure_Identification_TypeIdentifiant",
    "sheet_identifier": "FicheStructure_Identification_Identifiant",
    "sheet_active": "FicheStructure_Identification_Actif",
    "sheet_company": "FicheStructure_Identification_RaisonSociale",
    "sheet_street": "FicheStructure_Adresse_Adresse",
    "sheet_complement": "FicheStructure_Adresse_ComplementAdresse",
    "sheet_postcode": "FicheStructure_Adresse_CodePostal",
    "sheet_town": "FicheStructure_Adresse_Ville",
    "sheet_phone": "FicheStructure_Contact_Telephone",
    "sheet_email": "FicheStructure_Contact_AdresseElectronique",
}

# Fields of a « fiche structure » in the order of the form, and as the other hand puts them.
SHEET_FIELDS = (
    "identifier_type", "identifier", "active", "company", "street", "complement", "postcode", "town", "phone", "email",
)  # fmt: skip
SHEET_FIELDS_OTHER = (
    "identifier", "identifier_type", "active", "company", "complement", "street", "town", "postcode", "email", "phone",
)  # fmt: skip
