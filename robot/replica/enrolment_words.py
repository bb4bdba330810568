"""Words and places of the controls of sign-up and activation.

Data for `looks.py`. Where the guides are silent, a word is a guess in the portal's manner, marked « guess ».
"""

from __future__ import annotations

WORDS_2024 = {
    "sign_email": "Adresse e-mail de connexion",  # the guides' prose
    "sign_again": "Confirmez votre adresse mail",
    "sign_siret": "Numéro de SIRET",
    "sign_last_name": "Nom",
    "sign_first_name": "Prénom",
    "sign_phone": "Numéro de téléphone",
    "sign_contact": "Adresse e-mail de contact",  # the guides' prose
    "sign_conditions": "J'accepte les conditions",
    "sign_captcha": "Recopiez les caractères de l'image",  # guess
    "sign_deposits": "Déposer des demandes de paiement",
    "sign_company": "Raison sociale",
    "sign_address": "Adresse",
    "sign_submit": "Créer mon compte",
    "captcha_submit": "Valider le Captcha",
    "captcha_reload": "Afficher une autre image",  # guess
    "new_password": "Mot de passe",
    "new_again": "Confirmation du mot de passe",  # guess
    "new_question": "Question secrète",
    "new_answer": "Réponse secrète",
    "new_submit": "Soumettre",
}

WORDS_2021 = {
    "sign_email": "Adresse électronique de connexion",
    "sign_again": "Confirmation de l'adresse électronique de connexion",  # guess
    "sign_contact": "Adresse électronique de contact",
    "sign_submit": "Valider",
    "new_submit": "Valider",
}

# As another hand could have chosen them; all guesses.
WORDS_OTHER = {
    "sign_email": "Adresse de connexion",
    "sign_again": "Confirmez l'adresse e-mail",
    "sign_siret": "SIRET",
    "sign_phone": "Téléphone",
    "sign_captcha": "Code de sécurité",
    "captcha_reload": "Je ne parviens pas à lire",
    "new_password": "Choisissez un mot de passe",
    "new_again": "Confirmez le mot de passe",
    "new_question": "Votre question secrète",
    "new_answer": "Votre réponse",
}
WORDS_OTHER_2021 = {"sign_email": "Adresse électronique"}

# Where each control stands in the portal's grammar: <Screen>_<Block>_<Field>.
PLACES = {
    "sign_email": "CreerCompte_Informations_AdresseConnexion",
    "sign_again": "CreerCompte_Informations_AdresseConfirmation",
    "sign_siret": "CreerCompte_Informations_Siret",
    "sign_last_name": "CreerCompte_Informations_Nom",
    "sign_first_name": "CreerCompte_Informations_Prenom",
    "sign_phone": "CreerCompte_Informations_Telephone",
    "sign_contact": "CreerCompte_Informations_AdresseContact",
    "sign_conditions": "CreerCompte_Informations_Conditions",
    "sign_captcha": "CreerCompte_Captcha_Texte",
    "sign_deposits": "CreerCompte_Structure_DeposerDemandes",
    "new_password": "ActiverCompte_Secret_MotDePasse",
    "new_again": "ActiverCompte_Secret_Confirmation",
    "new_question": "ActiverCompte_Secret_Question",
    "new_answer": "ActiverCompte_Secret_Reponse",
}

# « espaces » of the portal of 2021, as its guides name them.
SPACES = (
    "Factures émises",
    "Factures reçues",
    "Sollicitations émises",
    "Sollicitations reçues",
    "Activités du gestionnaire",
    "Mon compte",
    "Demande de remboursement TIC",
)

# Of the secret question; the portal's own list is not known.
QUESTIONS = (
    "Le nom de votre premier animal",
    "La ville de naissance de votre mère",
    "Le titre de votre livre préféré",
)
