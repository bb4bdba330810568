"""Why a check stopped, in four parts: the tutorial is wrong, the robot is wrong, the portal changed, or is down or refuses.

Pure. What is told apart by running the same flow on the training replica is in `portalcheck.py`.
"""

from __future__ import annotations

from robot.failures import (
    Failure,
    HostRefused,
    NotOnScreen,
    OutcomeUnknown,
    PersonNeeded,
    PortalRefused,
    PortalUnavailable,
    SignInRefused,
)
from robot.tutorial.contract import Contract
from robot.tutorial.verdicts import Cause
from robot.tutorial.walk import Seen


def reason_of(seen: Seen, contract: Contract | None, *, on_replica: bool | None = None) -> Cause | None:
    """Who must act on what stopped the walk; None where nothing did, or only a person is needed.

    `on_replica`: whether the same flow goes on the training replica; None where that was not tried.
    """
    stops = [(section, failure) for section, failure in seen.stops.items() if not _is_for_a_person(failure)]
    if not stops:
        return None
    if any(isinstance(failure, PortalUnavailable | PortalRefused | SignInRefused | HostRefused) for _, failure in stops):
        return Cause.DOWN
    if on_replica is False or _is_as_before(seen, contract):
        return Cause.ROBOT
    return Cause.PORTAL


def _is_for_a_person(failure: Failure) -> bool:
    return isinstance(failure, PersonNeeded) and not isinstance(failure, SignInRefused | OutcomeUnknown)


def _is_as_before(seen: Seen, contract: Contract | None) -> bool:
    """Whether all that was seen is as it was when it was last seen true, and the walk stopped all the same."""
    if contract is None or seen.mends or seen.news or seen.gone:
        return False
    if any(isinstance(failure, NotOnScreen) for failure in seen.stops.values()):
        # A screen used to come, and does not.
        return False
    for name, sighting in seen.sightings.items():
        kept = contract.screens.get(name)
        if kept is None:
            return False
        for element, before in kept.elements.items():
            if not sighting.found(element) or sighting.words(element) != before.words:
                return False
    return bool(seen.sightings)
