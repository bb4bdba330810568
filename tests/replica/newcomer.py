"""A person without an account: asks for one and opens it, on either portal."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from visitor import Page, Visitor

from robot.replica.register import TO_CREATE
from robot.replica.server import Replica

EMAIL = "zoe.martin@exemple.test"
PASSWORD = "Bonne-Pratique-2026"
NAMES = {"sign_last_name": "Martin", "sign_first_name": "Zoé"}
# What a person types in the form so that nothing is refused, the image apart.
RIGHT = {
    2024: NAMES | {"sign_email": EMAIL, "sign_conditions": "OUI"},
    2021: NAMES | {"sign_email": EMAIL, "sign_again": EMAIL, "sign_deposits": "OUI"},
}
QUESTION = {"new_question": "La ville de naissance de votre mère", "new_answer": "Caen"}


class Newcomer(Visitor):
    """Somebody whom the portal does not know yet."""

    def __init__(self, replica: Replica, *, generation: int = 2024, look: str = "dossier") -> None:
        super().__init__(replica, generation=generation, look=look)
        self.generation = generation

    # --- the form -------------------------------------------------------------------------------------------

    def open_form(self, *, email: str = EMAIL, siret: str = TO_CREATE) -> Page:  # type: ignore[override]
        """« Créer un compte »; in 2021 the bloc of the home page, filled and validated."""
        if self.generation == 2024:
            return self.open(f"{self.replica.url}aife_csm/inscription")
        self.open(self.replica.url)
        return self.press("valider", sign_email=email, sign_siret=siret)

    def copy_image(self, answer: str | None = None) -> Page:
        """2024: « Valider le Captcha »."""
        return self.press("validerCaptcha", sign_captcha=self.replica.captcha_answer() if answer is None else answer)

    def send_form(self, **changes: str) -> Page:
        """The last button of the form; in 2021 with the image."""
        values = RIGHT[self.generation] | changes
        if self.generation == 2024:
            return self.press("creer", **values)
        return self.press("valider", **{"sign_captcha": self.replica.captcha_answer()} | values)

    def choose_spaces(self, *spaces: str) -> Page:
        """2021: boxes of « espaces », then « Valider »."""
        button = self.look.event("valider")
        form = self.page.form_with(button)
        values = [*form.values.items(), *(("espaces", space) for space in spaces), (button, "")]
        return self.open(form.action, urlencode(values).encode(), "application/x-www-form-urlencoded")

    def ask(self) -> Page:
        """A whole request, up to the page that says that a mail was sent."""
        self.open_form()
        if self.generation == 2024:
            self.copy_image()
            return self.send_form()
        self.send_form()
        return self.choose_spaces("Factures émises")

    # --- the mail -------------------------------------------------------------------------------------------

    def follow_link(self) -> Page:
        """The link of the newest mail."""
        return self.open(self.replica.mails()[0].link)

    def choose_password(self, password: str = PASSWORD, again: str | None = None, **changes: str) -> Page:
        question = QUESTION if self.generation == 2021 else {}
        values = {"new_password": password, "new_again": password if again is None else again} | question
        return self.press("soumettre", **values | changes)

    def become_known(self) -> None:
        """From nothing to an open account."""
        self.ask()
        self.follow_link()
        self.choose_password()

    def mailed_code(self) -> str:
        """The code of the newest mail to this person."""
        mail = next(mail for mail in self.replica.mails() if mail.to == EMAIL)
        found = re.search(r"connexion est (\d{6})", mail.body)
        assert found
        return found[1]
