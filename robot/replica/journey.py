"""The deposit, step by step: what each button does to an `Execution`. No HTTP, no words of buttons.

Each step may be taken only once: the key `eNsM` names the step, and any key but the present one is stale.
Leaving the form by any other way than « Annuler » keeps a draft: it exists from the moment the form opens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from robot.replica.french import redrawn_amount
from robot.replica.intake import (
    ATTACHMENT_TYPES,
    MAX_DESIGNATION,
    FileRefused,
    Format,
    check_attachment,
    plain_name,
    take_invoice,
)
from robot.replica.looks import RECYCLED_FIELDS
from robot.replica.recognition import recognise
from robot.replica.records import (
    Attachment,
    Bill,
    Execution,
    Fault,
    Form,
    Screen,
    Session,
    Window,
)
from robot.replica.rules import AMOUNTS, CADRES, MAX_COMMENT, NO_RESULT, format_faults, sending_faults
from robot.replica.state import PERSON, State, with_total
from robot.replica.statuses import Status, mover_of
from robot.replica.treatment import enter

# As many as a person could have open in tabs; older ones are forgotten.
MAX_EXECUTIONS = 30

_KEY = re.compile(r"e(\d{1,9})s(\d{1,9})", re.ASCII)


def present(session: Session, key: str) -> Execution | None:
    """The execution at this very step; None for a key that is stale or was never given."""
    match = _KEY.fullmatch(key)
    execution = session.executions.get(int(match[1])) if match else None
    return execution if execution and execution.key == key else None


class Journey:
    """One deposit by one person."""

    def __init__(self, state: State, execution: Execution, *, computes_total: bool = False) -> None:
        self.state = state
        self.execution = execution
        self._computes_total = computes_total

    @property
    def bill(self) -> Bill:
        bill = self.state.bill(self.execution.bill)
        assert bill
        return bill

    @property
    def _comes_back(self) -> bool:
        return self.bill.status is Status.TO_RECYCLE

    def _advance(self, screen: Screen, window: Window = Window.NONE, **changes: Any) -> None:
        """The next step; what the last one said is forgotten unless `changes` say otherwise."""
        changes = {"faults": (), "notice": "", **changes, "screen": screen, "window": window}
        for name, value in changes.items():
            setattr(self.execution, name, value)
        self.execution.step += 1

    # --- deposit dialog --------------------------------------------------------------------------------

    def submit_file(self, name: str, content: bytes, *, cadre: str, supplier: str, supplier_service: str) -> None:
        """« Valider et continuer ». Without a name, the file of the step before stands."""
        execution = self.execution
        faults = []
        if name:
            name = plain_name(name)
            try:
                execution.format = take_invoice(name, content)
                execution.file = self.state.store.put(name, content)
            except FileRefused as refusal:
                execution.file = execution.format = None
                faults.append(Fault(field="file", message=str(refusal)))
        elif execution.file is None:
            faults.append(Fault(field="file", message="Le choix du fichier à importer est obligatoire."))
        execution.cadre, execution.supplier, execution.supplier_service = cadre, supplier, supplier_service
        if execution.format is Format.FACTUR_X or (name and self.state.faults.strikes("facturx-as-batch", "depot")):
            return self._take_batch()
        if cadre not in CADRES:
            faults.append(Fault(field="cadre", message="Le cadre de facturation est obligatoire."))
        if supplier not in self.execution.suppliers:
            faults.append(Fault(field="supplier", message="La structure est obligatoire."))
        if faults:
            return self._advance(Screen.DEPOSIT, faults=tuple(faults))
        if execution.format is Format.UNSIGNED:
            return self._advance(Screen.DEPOSIT, Window.SIGNATURE)
        return self.open_form()

    def _take_batch(self) -> None:
        """A Factur-X goes another way: no cadre, no form, and a sentence that looks like a success."""
        number = f"CPP{self.state.now():%Y%m%d%H%M%S}"
        sentence = f"Le lot de facture a été importé correctement sous le n° {number}."
        self._advance(Screen.BATCH, notice=sentence, file=None, format=None)

    def refuse_signature(self) -> None:
        self._advance(Screen.DEPOSIT)

    def open_form(self) -> None:
        """Reads the PDF and opens the form with what was recognised."""
        execution = self.execution
        assert execution.file and execution.format
        content = self.state.store.content(execution.file)
        read = recognise(content)
        if self.state.faults.strikes("wrong-recognition", "depot"):
            read |= {"number": "2019-999", "siret": "13002526500013", "ht": "12.00", "ttc": "12.00", "due": "12.00"}
        bill = Bill(
            id=self.state.store.world.next_bill,
            supplier=execution.supplier,
            supplier_service=execution.supplier_service,
            cadre=execution.cadre,
            file=execution.file,
            format=execution.format,
            form=Form.model_validate(read),
        )
        self.state.add(bill)
        self.state.record(bill, "Fichier déposé, facture en cours de saisie")
        self._advance(Screen.FORM, bill=bill.id)

    # --- form ------------------------------------------------------------------------------------------

    def type(self, values: Mapping[str, str]) -> None:
        """Keeps what the page holds, redrawn as the portal writes it: the first thing each button does.

        Of an invoice « à recycler », only what may change.
        """
        comes_back = self._comes_back
        kept = {name: value.strip() for name, value in values.items() if not comes_back or name in RECYCLED_FIELDS}
        kept |= {name: redrawn_amount(kept[name]) for name in AMOUNTS if kept.get(name)}
        if "siret" in kept:
            kept["siret"] = re.sub(r"[\s.]", "", kept["siret"])
        if "comment" in kept:
            kept["comment"] = kept["comment"].replace("\r\n", "\n")
        form = Form.model_validate(self.bill.form.model_dump() | kept)
        self.bill.form = with_total(form) if self._computes_total and not comes_back else form

    def search_recipient(self) -> None:
        identifier = self.bill.form.siret
        faults = []
        if self.state.directory.find(identifier) is None:
            faults.append(Fault(field="siret", message=NO_RESULT))
        self._advance(Screen.FORM, searched=identifier, faults=tuple(faults))

    def save(self) -> None:
        """« Enregistrer »: kept, never sent."""
        faults = tuple(format_faults(self.bill.form, self.state.directory))
        if faults:
            return self._advance(Screen.FORM, faults=faults)
        self.bill.saved = self.bill.form
        is_draft = self.bill.status is Status.DRAFT
        self.state.record(self.bill, "Brouillon enregistré" if is_draft else "Correction enregistrée")
        kept = "enregistrée à l'état Brouillon" if is_draft else "corrigée, et reste à recycler"
        notice = (
            f"La facture n° {self.bill.shown_number()} est {kept}. "
            "Elle n'est pas envoyée : retrouvez-la dans l'onglet Synthèse."
        )
        return self._advance(Screen.FORM, notice=notice)

    def cancel(self) -> None:
        """« Annuler »: leaves without keeping anything; a draft saved before stays as it was saved."""
        bill = self.bill
        if bill.saved is None:
            self.state.remove_draft(bill)
        else:
            bill.form = bill.saved
        self._advance(Screen.LEFT, bill=None)

    def ask_confirmation(self) -> None:
        """« Valider et envoyer »: all rules, then the window that asks once more."""
        faults = self._sending_faults()
        if faults:
            return self._advance(Screen.FORM, faults=tuple(faults))
        return self._advance(Screen.FORM, Window.CONFIRMATION)

    def refuse_confirmation(self) -> None:
        self._advance(Screen.FORM)

    def send(self) -> None:
        """« Confirmer et envoyer ». The rules again: another tab may have sent the same number meanwhile."""
        faults = self._sending_faults()
        if faults:
            return self._advance(Screen.FORM, faults=tuple(faults))
        comes_back = self._comes_back
        self.state.send(self.bill)
        if comes_back:
            # What was recycled is not on its way a second time: it goes straight to its recipient.
            enter(self.state, self.bill, Status.AVAILABLE, at=self.state.now(), who=mover_of(Status.AVAILABLE))
        return self._advance(Screen.SUMMARY)

    def _sending_faults(self) -> list[Fault]:
        bill, strikes = self.bill, self.state.faults.strikes
        step = "envoi" if self.execution.window is Window.CONFIRMATION else "formulaire"
        used = self.state.used_numbers(bill.supplier, but=bill, drafts=strikes("drafts-count", step))
        if strikes("duplicate-number", step):
            used = {bill.form.number}
        faults = sending_faults(
            bill.form,
            self.state.directory,
            cadre=bill.cadre,
            supplier=bill.supplier,
            used=used,
            asks_state=self.state.asks_state,
        )
        if not self._comes_back and not bill.form.worksite and strikes("new-required-field", "formulaire"):
            faults.append(Fault(field="worksite", message="Le numéro de chantier est obligatoire."))
        return faults

    # --- attachments -----------------------------------------------------------------------------------

    def open_attachments(self) -> None:
        """An invoice « à recycler » keeps those it has."""
        self._advance(Screen.FORM if self._comes_back else Screen.ATTACHMENTS)

    def attach(self, name: str, content: bytes, *, designation: str, type: str) -> None:
        """« Ajouter »."""
        name, designation = plain_name(name), designation.strip()
        joined = self.bill.form.attachments
        faults = []
        if not name:
            faults.append(Fault(field="attachment_file", message="Le fichier est obligatoire."))
        else:
            try:
                check_attachment(name, content, [self.bill.file.size, *(a.file.size for a in joined)])
            except FileRefused as refusal:
                faults.append(Fault(field="attachment_file", message=str(refusal)))
        if type not in ATTACHMENT_TYPES:
            faults.append(Fault(field="attachment_type", message="Le type est obligatoire."))
        if not designation:
            faults.append(Fault(field="attachment_designation", message="La désignation est obligatoire."))
        elif len(designation) > MAX_DESIGNATION:
            message = f"La désignation ne doit pas dépasser {MAX_DESIGNATION} caractères."
            faults.append(Fault(field="attachment_designation", message=message))
        if faults:
            return self._advance(Screen.ATTACHMENTS, faults=tuple(faults))
        file = self.state.store.put(name, content)
        attachment = Attachment(file=file, designation=designation, type=type)
        self.bill.form = self.bill.form.model_copy(update={"attachments": (*joined, attachment)})
        return self._advance(Screen.ATTACHMENTS, notice=f"La pièce jointe {name} a été ajoutée.")

    def detach(self, index: int) -> None:
        """Of a suspended invoice, what was sent stays."""
        joined, sent = list(self.bill.form.attachments), self.bill.sent.attachments if self.bill.sent else ()
        if not len(sent) <= index < len(joined):
            return self._advance(Screen.ATTACHMENTS)
        gone = joined.pop(index)
        self.bill.form = self.bill.form.model_copy(update={"attachments": tuple(joined)})
        return self._advance(Screen.ATTACHMENTS, notice=f"La pièce jointe {gone.file.name} a été supprimée.")

    def leave_attachments(self) -> None:
        """« Retour »: to the form; from a suspended invoice, without having completed it."""
        if self.bill.status is Status.SUSPENDED:
            return self.cancel()
        return self._advance(Screen.FORM)

    def answer(self, comment: str) -> None:
        """Keeps what is said to the recipient of a suspended invoice: what each button of its page does first."""
        self.execution.completion = comment.replace("\r\n", "\n").strip()

    def complete(self) -> None:
        """What a suspended invoice lacked is joined, or said: its recipient goes on with it."""
        bill, comment = self.bill, self.execution.completion
        if bill.status is not Status.SUSPENDED:
            return self._advance(Screen.ATTACHMENTS)
        if bill.form == bill.sent and not comment:
            message = "Ajoutez d'abord la pièce que le destinataire demande, ou répondez-lui par un commentaire."
            return self._advance(Screen.ATTACHMENTS, faults=(Fault(field="completion", message=message),))
        if len(comment) > MAX_COMMENT:
            message = f"Le commentaire ne doit pas dépasser {MAX_COMMENT} caractères."
            return self._advance(Screen.ATTACHMENTS, faults=(Fault(field="completion", message=message),))
        bill.saved = bill.sent = bill.form
        person = PERSON.get()
        enter(
            self.state, bill, Status.COMPLETED, at=self.state.now(), who=person.name if person else "", reason=comment
        )
        return self._advance(Screen.LEFT, bill=None)

    def refresh(self) -> None:
        """The form again, with what was typed."""
        self._advance(Screen.FORM)


def begin(state: State, session: Session) -> Execution:
    """A new deposit."""
    suppliers = state.suppliers_of(session)
    execution = Execution(number=session.next_execution, supplier=next(iter(suppliers), ""), suppliers=suppliers)
    session.next_execution += 1
    session.executions[execution.number] = execution
    for old in list(session.executions)[:-MAX_EXECUTIONS]:
        del session.executions[old]
    return execution


def reopen(state: State, session: Session, bill: Bill) -> Execution:
    """The form of a draft, or of an invoice that came back, again; of a suspended one, its attachments."""
    execution = begin(state, session)
    execution.screen = Screen.ATTACHMENTS if bill.status is Status.SUSPENDED else Screen.FORM
    execution.bill = bill.id
    return execution


def can_open(bill: Bill | None) -> bool:
    """Whether something is left for its supplier to do in its form."""
    return bill is not None and (bill.can_be_sent or bill.status is Status.SUSPENDED)


def is_open(state: State, execution: Execution) -> bool:
    """Whether the invoice of a form is still its supplier's: another tab may have sent or deleted it."""
    bill = state.bill(execution.bill)
    if execution.screen is Screen.FORM:
        return bill is not None and bill.can_be_sent
    if execution.screen is Screen.ATTACHMENTS:
        return bill is not None and bill.status in (Status.DRAFT, Status.SUSPENDED)
    return True
