"""A replica for one exercise, brought to where the exercise begins, with a window that is the trainee's from then on.

The robot signs in, and deposits beforehand what the exercise says was deposited. Knows nothing of how one is watched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from robot.config import Config
from robot.events import Event
from robot.invoice import Invoice
from robot.replica.server import Replica
from robot.runner import Runner
from robot.screens import Flows
from robot.session import Destination, Session, open_session, training_account
from robot.steps import Goal
from robot.tabs import Place
from robot.training.exercises import Exercise
from robot.training.papers import Desk

_DEPOSIT = "depot"
# Where whoever signs in arrives; and where an invoice that came back is listed.
_ARRIVALS = ("domaines", "applications", "factures-emises")
_TABS = ("factures-emises",)


@dataclass(frozen=True)
class Classroom:
    """An exercise ready to begin."""

    session: Session
    replica: Replica
    # What flows may type: the trainee's invoice, supplier, account.
    values: dict[str, BaseModel]


@contextmanager
def opened(
    exercise: Exercise, desk: Desk, flows: Flows, config: Config, *, generation: str, headless: bool
) -> Iterator[Classroom]:
    """Opens replica and window, and leaves them where the exercise begins. Raises any Failure of a robot's run."""
    supplier = config.supplier
    with Replica(int(generation), suppliers=[(supplier.siret, f"Cabinet d'entraînement {supplier.siret[-5:]}")]) as replica:
        place = Place(
            "replica", replica.url, tuple(replica.hosts), tuple(replica.sign_in_hosts), generation, is_replica=True
        )
        destination = Destination(place)
        _deposit_before(desk, config, flows, destination, replica, exercise)
        for fault in exercise.faults:
            replica.arm(fault)
        account = training_account(replica.account)
        with open_session(config, flows, destination, account=account, headless=headless) as session:
            values: dict[str, BaseModel] = {"invoice": desk.invoice, "supplier": supplier, "account": account}
            until = _ARRIVALS if exercise.journey == _DEPOSIT else _TABS
            _runner(session, values, Goal.SEND).run(session.flows.journeys[_DEPOSIT], until=until)
            yield Classroom(session, replica, values)


def _deposit_before(
    desk: Desk, config: Config, flows: Flows, destination: Destination, replica: Replica, exercise: Exercise
) -> None:
    """What was deposited before the trainee came, by the robot, out of sight."""
    for invoice in _earlier(desk):
        account = training_account(replica.account)
        with open_session(config, flows, destination, account=account) as session:
            values: dict[str, BaseModel] = {"invoice": invoice, "supplier": config.supplier, "account": account}
            _runner(session, values, Goal.SEND, folder=desk.folder).run(session.flows.journeys[_DEPOSIT])
    if desk.before and exercise.returned:
        replica.move(desk.before.number, "A_RECYCLER", reason=exercise.returned.why)


def _earlier(desk: Desk) -> Iterable[Invoice]:
    return [invoice for invoice in (desk.earlier, desk.before) if invoice]


def _runner(session: Session, values: dict[str, BaseModel], goal: Goal, folder: Path = Path()) -> Runner:
    def keep(_content: bytes, _notes: dict[str, str]) -> Path:
        return folder

    def listen(_event: Event) -> None:
        """Nobody is told: it is no part of the exercise."""

    return Runner(
        session.portal,
        session.flows,
        goal=goal,
        values=values,
        subject="",
        announce=listen,
        keep=keep,
        pictures=False,
    )
