"""Words that belong to a portal rather than to a person: what the flows and the tutorial say, and everyday French.

Pure; knows nothing of pages. What is not in it may be personal (`masking.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from robot.fields import plain
from robot.screens import Flows

# Words of forms and of sentences around them; each names nobody.
_EVERYDAY = """
a à accepter accueil actif action actions actualiser adresse afficher aide ainsi ajouter alors annuler année application
applications après attendre attente au aucun aucune aujourd auprès autre autres aux avant avec avez avoir avril août bas bien
bienvenue bon bouton c caractère caractères case ce cela celle celui ces cet cette champ champs chaque chercher chez choisir
choix ci civilité cliquer cliquez code comme commentaire comment compte conditions confirmation confirmer connecté connecter
connexion consulter contact continuer contre cookies copier copie courriel créer d dans date de deconnexion déconnexion
décembre demande demandes déposer dépôt depuis dernier dernière des description détail détails deux devise document documents
doit doivent domaine domaines donner donnée données dont droite du durée e effacer elle elles email emise emises en encore
enregistrer ensuite entre entreprise envoyer erreur erreurs es espace est et été étape être euro euros existe existant
exporter facultatif facture factures facturation faire fait fermer fenêtre février fichier fichiers fin format fournisseur
gauche gérer gestion haut heure heures historique ici identifiant identité il ils image imprimer indiquer information
informations invalide aaaa jj mm j janvier je jour jours juillet juin jusqu l la langue le les lettre lettres leur leurs
libellé lien lieu ligne lignes liste lire lors lu mai mail mais max maximum me menu mentions légales mes message messages
minimum minute minutes mo mois ko mon montant montants mot moyen mars n ne nature niveau nom nombre non nos notification
notifications notre nous nouveau nouvelle novembre numéro o obligatoire obligatoires octobre on opération option options ou
où oui ouvrir page pages paramètres par partie pas passe patientez pays pdf pendant personne personnel personnelle personnes
peut peuvent pièce pièces plan plus plusieurs pour pouvez précédent précédente premier première prénom préférences privée
publique public profil propos puis qu quand que quel quelle qui quitter raison recherche rechercher récapitulatif référence
référencer refuser règlement réponse requis résultat résultats retour retourner s sa saisie saisir saisissez sans sauvegarder
se sélectionner sélectionnez sera seront service services session septembre ses si signature site sociale société solde son
sont soumettre sous statut structure structures suivant suivante suivi supprimer sur synthèse t tableau taille taux
télécharger téléphone temps terminer texte toujours total tous tout toute toutes traitement trier trop tva type types un une
utiliser utilisateur va valeur valide valider validité vers version veuillez vide vie ville voir vos votre vous y
"""
_WORD = re.compile(r"[^\W\d_]+")


class Vocabulary:
    """Words and whole phrases that may stay as they are."""

    def __init__(self, phrases: Iterable[str] = (), sentences: Iterable[str] = ()) -> None:
        self.words: set[str] = set(words_of(_EVERYDAY))
        # Folded phrases, as tuples of words and numbers.
        self.phrases: set[tuple[str, ...]] = set()
        for phrase in phrases:
            self.add(phrase)
        for sentence in sentences:
            self.words.update(words_of(sentence))

    def add(self, phrase: str) -> None:
        """One more phrase that names nobody, and its words."""
        self.words.update(words_of(phrase))
        if pieces := pieces_of(phrase):
            self.phrases.add(pieces)

    def knows(self, word: str) -> bool:
        return plain(word) in self.words

    @property
    def longest(self) -> int:
        """Pieces of the longest phrase."""
        return max(map(len, self.phrases), default=0)


def words_of(text: str) -> list[str]:
    """Its words, folded; numbers are left out."""
    return _WORD.findall(plain(text))


def pieces_of(text: str) -> tuple[str, ...]:
    """Words and numbers, folded."""
    return tuple(re.findall(r"[^\W\d_]+|\d+", plain(text)))


def vocabulary_of(flows: Flows) -> Vocabulary:
    """What these flows and the tutorial say."""
    phrases = [label for screen in flows.screens.values() for label in _labels(screen.model_dump()) if "{" not in label]
    described = [*flows.screens.values(), *flows.journeys.values()]
    sentences = [text for one in described for text in _texts(one.model_dump())]
    tutorial = flows.root / "tutorial.yaml"
    if tutorial.is_file():
        sentences.append(tutorial.read_text(encoding="utf-8"))
    return Vocabulary(phrases, sentences)


_LABELLED = ("button", "field", "select", "file", "value", "table", "within", "outside", "dialog", "heading", "text", "native")


def _labels(data: Any) -> Iterator[str]:
    """Words as a portal prints them: keys of the mappings that hold labels."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in (*_LABELLED, "without") and isinstance(value, dict):
                yield from value
            elif key == "options" and isinstance(value, dict):
                for labels in value.values():
                    yield from labels
            else:
                yield from _labels(value)
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _labels(item)


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield str(key)
            yield from _texts(value)
    elif isinstance(data, list | tuple | set | frozenset):
        for item in data:
            yield from _texts(item)
