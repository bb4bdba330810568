"""From what a walk saw to a verdict for each line: held against the tutorial's words, and against what was last seen.

Pure but for the framed pictures, which it asks for. Knows nothing of browsers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from robot.failures import Failure, PersonNeeded
from robot.fields import plain
from robot.screens import UNKNOWN, Flows
from robot.steps import flatten
from robot.tutorial.contract import Contract, Kept, KeptScreen
from robot.tutorial.lines import SECTIONS, Line, Named, Place, Tutorial, files_of, rank
from robot.tutorial.sightings import Sighting
from robot.tutorial.verdicts import HOLDINGS, Cause, Evidence, Finding, Holding, Verdict
from robot.tutorial.walk import Seen

_ORDER = list(Holding)


@dataclass(frozen=True)
class Bench:
    """All that a judgement stands on."""

    tutorial: Tutorial
    # As they are in the files: without what was mended in memory.
    flows: Flows
    seen: Seen
    # Generation of the portal.
    generation: str
    contract: Contract | None
    # The picture of a screen with an element framed.
    framed: Callable[[Sighting, str], str]
    # Words of a page that are somebody's name -> what is told instead.
    names: dict[str, str]

    def sighting(self, place: Place) -> Sighting | None:
        return self.seen.sightings.get(place.screen)

    def found(self, place: Place) -> bool:
        sighting = self.sighting(place)
        if sighting is None or not sighting.found(place.element):
            return False
        return not place.answer or str(place) in self.seen.answers

    def words(self, place: Place) -> str:
        """The words of a thing as the portal prints them."""
        sighting = self.sighting(place)
        printed = self.seen.answers.get(str(place), "") if place.answer else ""
        if not printed and sighting and not place.answer:
            printed = sighting.words(place.element)
        return self.told(printed)

    def told(self, printed: str) -> str:
        printed = " ".join(printed.split()).strip(" *:")
        return self.names.get(plain(printed), printed)

    def evidence(self, place: Place) -> Evidence | None:
        sighting = self.sighting(place)
        if sighting is None:
            return None
        sight = sighting.elements.get(place.element)
        way = sight.way if sight and sighting.found(place.element) else ""
        control = sighting.control(place.element)
        return Evidence(
            screen=place.screen,
            title=sighting.screen.title,
            url=sighting.url,
            element=place.element,
            way="suspect" if place.element in sighting.suspects else way,
            picture=self.framed(sighting, place.element),
            tree=sighting.tree,
            middle=round(control.box[1] + control.box[3] / 2) if control else 0,
        )


def judge(bench: Bench) -> tuple[Verdict, ...]:
    """One verdict for each line, in order; `since` and `before` are the journal's to add."""
    shifted = set(_shifted(bench))
    return tuple(_verdict(bench, number, bench.tutorial.lines[number], shifted) for number in bench.tutorial.numbers())


def additions(bench: Bench) -> tuple[Finding, ...]:
    """What is on the portal and absent from the tutorial."""
    known = []
    for added in bench.tutorial.added:
        place = next((one for one in added.places() if bench.found(one)), None)
        if place:
            known.append(
                Finding(
                    added.what,
                    Holding.NEW,
                    shown=bench.words(place),
                    detail=f"le tutoriel n'en dit rien (après la ligne {added.after})",
                    evidence=bench.evidence(place),
                    line=added.after,
                )
            )
    return (*known, *bench.seen.news)


def _verdict(bench: Bench, number: str, line: Line, shifted: set[str]) -> Verdict:
    findings = [finding for named in line.names if (finding := _named(bench, number, named))]
    findings += _since_last_seen(bench, number, shifted)
    findings += [finding for finding in bench.seen.news if finding.line == number]
    if not line.names:
        findings.append(_done(bench, number, line))
    if number == "3.20" and bench.seen.certificate:
        findings.append(Finding("le certificat lui-même", Holding.DRIFTED, detail=bench.seen.certificate, against="contract"))
    holding = max((finding.holding for finding in findings), key=_ORDER.index, default=Holding.HOLDS)
    files = files_of(bench.flows, number, bench.generation)
    return Verdict(
        line=number,
        asks=line.asks,
        files=_carried(bench, files),
        holding=holding,
        findings=tuple(findings),
        cause=_cause(findings),
    )


def _cause(findings: list[Finding]) -> Cause | None:
    changed = [finding for finding in findings if finding.holding.value in ("drifted", "moved", "gone", "new")]
    if not changed:
        return None
    return Cause.PORTAL if any(finding.against == "contract" for finding in changed) else Cause.TUTORIAL


def _carried(bench: Bench, files: tuple[str, ...]) -> tuple[str, ...]:
    """The file of a screen that the portal showed comes first: it carries the verdict."""
    shown = {bench.flows.shown(bench.flows.files[name].path) for name in bench.seen.sightings}
    return tuple(sorted(files, key=lambda file: file not in shown))


# --- against the tutorial's words ---------------------------------------------------------------------------------


def _named(bench: Bench, number: str, named: Named) -> Finding | None:
    for place in named.unknown():
        if bench.found(place) and not _is_of_its_time(bench, place):
            detail = f"le portail demande {named.what}, que le tutoriel ne connaît pas"
            return Finding(named.what, Holding.NEW, shown=bench.words(place), detail=detail, evidence=bench.evidence(place))
    if named.added:
        return None
    said = named.said[0] if named.said else ""
    led = [place for place in named.led_by() if _is_used(bench, place)]
    spot = next((place for place in named.places() if bench.found(place)), None)
    if led:
        return _moved(bench, named, said, led, spot)
    if spot is None:
        return _read(bench, named, said) or _absent(bench, number, named, said)
    shown = bench.words(spot)
    if not shown or any(_means(words, shown) for words in _accepted(bench, named, spot)):
        return Finding(named.what, Holding.HOLDS, said, shown, evidence=bench.evidence(spot))
    said = said or next(iter(_element_labels(bench, spot)), "")
    detail = f"le tutoriel dit « {said} », le portail affiche « {shown} »"
    return Finding(named.what, Holding.DRIFTED, said, shown, detail, bench.evidence(spot))


def _read(bench: Bench, named: Named, said: str) -> Finding | None:
    """Words that the portal shows as a title, where there is nothing to press any more."""
    for screen in named.read:
        sighting = bench.seen.sightings.get(screen)
        text = plain(sighting.inventory.text) if sighting and sighting.inventory else ""
        for place in named.places():
            for words in _accepted(bench, named, place):
                if plain(words) in text:
                    return Finding(named.what, Holding.HOLDS, said, words, evidence=bench.evidence(Place(screen, "")))
    return None


def _moved(bench: Bench, named: Named, said: str, led: list[Place], spot: Place | None) -> Finding:
    path = " › ".join(dict.fromkeys(f"« {words} »" for place in led for words in _way(bench, place)))
    last = spot or led[-1]
    return Finding(
        named.what,
        Holding.MOVED,
        said,
        bench.words(last),
        f"on y arrive maintenant par {path}" if path else "se trouve maintenant sur un autre écran",
        bench.evidence(led[0]),
    )


def _way(bench: Bench, place: Place) -> Iterator[str]:
    """The words of the card that holds a thing, then its own."""
    element = bench.flows.screens[place.screen].elements[place.element]
    if element.within:
        yield next(iter(element.within))
    if words := bench.words(place):
        yield words


def _absent(bench: Bench, number: str, named: Named, said: str) -> Finding:
    place = next((one for one in named.places() if bench.sighting(one)), named.places()[0])
    short = _short_of(bench, number)
    if short and bench.sighting(place) is None:
        return Finding(named.what, short[0], said, detail=short[1])
    return Finding(
        named.what,
        Holding.GONE,
        said,
        detail=f"le portail ne montre plus {named.what}",
        evidence=bench.evidence(place),
    )


def _done(bench: Bench, number: str, line: Line) -> Finding:
    """A line that names nothing on a screen holds once it is done."""
    what = line.asks[:1].lower() + line.asks[1:].rstrip(".")
    if number in bench.seen.lines:
        return Finding(what, Holding.HOLDS)
    short = _short_of(bench, number)
    return Finding(what, *(short[:1] if short else (Holding.UNREACHED,)), detail=short[1] if short else "étape non atteinte")


def _short_of(bench: Bench, number: str) -> tuple[Holding, str] | None:
    """Why a line was not come to, where it was not: it needs a person, or the walk was stopped before."""
    journey = SECTIONS[number.split(".")[0]]
    seen = bench.seen
    if journey in seen.limits and rank(number) >= rank(seen.limits[journey][0]):
        return Holding.PERSON, seen.limits[journey][1]
    failure = seen.stops.get(journey)
    if failure and rank(number) >= _rank_of_stop(seen, journey):
        return (Holding.PERSON if isinstance(failure, PersonNeeded) else Holding.UNREACHED), _told(failure)
    if journey not in seen.walked:
        return Holding.UNREACHED, "ce parcours n'a pas été demandé"
    return None


def _rank_of_stop(seen: Seen, name: str) -> tuple[int, ...]:
    line = seen.stopped_at.get(name, "")
    return rank(line) if line and line[0].isdigit() else (0,)


def _told(failure: Failure) -> str:
    return f"{failure.what.rstrip('.')} : la vérification s'est arrêtée avant"


def _is_used(bench: Bench, place: Place) -> bool:
    sighting = bench.sighting(place)
    return sighting is not None and place.element in sighting.used


def _accepted(bench: Bench, named: Named, place: Place) -> Iterator[str]:
    """Words that the tutorial means: its own; those of its portal, on that portal; any known ones where it uses none."""
    yield from named.said
    for words, sources in _element_labels(bench, place).items():
        # Where nobody has noted that portal's words, they may be any that are guessed.
        if not named.said or (_is_its_portal(bench) and set(sources) & {UNKNOWN, *bench.tutorial.words}):
            yield words
    if not named.said and bench.names:
        yield from bench.names.values()


def _is_its_portal(bench: Bench) -> bool:
    """Whether the portal is of the tutorial's own time."""
    return bench.generation == bench.tutorial.generation


def _is_of_its_time(bench: Bench, place: Place) -> bool:
    """Whether the tutorial's portal showed a thing already, though the tutorial does not tell it."""
    seen = {source for sources in _element_labels(bench, place).values() for source in sources}
    return _is_its_portal(bench) and bool(seen & set(bench.tutorial.words))


def _element_labels(bench: Bench, place: Place) -> dict[str, tuple[str, ...]]:
    element = bench.flows.screens[place.screen].elements[place.element]
    labels = element.options.get(place.answer, {}) if place.answer else element.labels
    return {words: tuple(sources) for words, sources in labels.items()}


def _means(words: str, shown: str) -> bool:
    """Whether what is printed is these words, a hint behind them left aside (as the eyes compare)."""
    if "{" in words:
        # The value of an input stands there.
        return bool(re.fullmatch(re.sub(r"\\{[^}]*\\}", ".+", re.escape(plain(words))), plain(shown)))
    one, other = plain(words), plain(re.sub(r"\s*\((obligatoire|facultatif|requis)\)\s*$", "", shown))
    return one == other or bool(re.match(rf"{re.escape(one)}\s*[(\[:*–—]", other))


# --- against what was last seen true ------------------------------------------------------------------------------


def _since_last_seen(bench: Bench, number: str, shifted: set[str]) -> Iterator[Finding]:
    """What is no longer as it was when each screen was last seen."""
    if bench.contract is None:
        return
    for name, sighting in bench.seen.sightings.items():
        kept = bench.contract.screens.get(name)
        if kept is None:
            continue
        for element in _elements_of(bench, name, number):
            if found := _changed(bench, Place(name, element), kept, shifted):
                yield found
        if number == _line_of_screen(bench, name) and (found := _resaid(bench, sighting, kept)):
            yield found


def _elements_of(bench: Bench, screen: str, number: str) -> list[str]:
    """Elements of a screen that the steps of a line use; the rest belongs to the screen's own line."""
    described = bench.flows.screens[screen]
    mine = [name for step in flatten(described.steps) if step.line == number for name in step.elements()]
    for named in bench.tutorial.lines[number].names:
        mine += [one.element for one in (*named.places(), *named.led_by(), *named.unknown()) if one.screen == screen]
    mine = [name for name in mine if name in described.elements]
    told = {name for step in flatten(described.steps) if step.line != "new" for name in step.elements()}
    if number == _line_of_screen(bench, screen):
        mine += [name for name in described.elements if name not in told]
    return list(dict.fromkeys(mine))


def _line_of_screen(bench: Bench, screen: str) -> str:
    """The line that speaks for a whole screen: its last one; « new » where the tutorial has none."""
    told = {
        name: [step.line for step in one.all_steps() if step.line != "new"] for name, one in bench.flows.screens.items()
    }
    if told[screen]:
        return told[screen][-1]
    for added in bench.tutorial.added:
        if screen in [place.screen for place in added.places()]:
            return added.after
    backward, forward = {screen}, {screen}
    for _ in told:
        # The nearest screen that a line tells: on the way here first, else on the way on.
        backward = {one.screen for one in bench.flows.screens.values() if {n.screen for n in one.then} & backward}
        if lines := [line for name in sorted(backward) for line in told[name]]:
            return max(lines, key=rank)
        forward = {n.screen for name in forward for n in bench.flows.screens[name].then}
        if lines := [line for name in sorted(forward) for line in told[name]]:
            return min(lines, key=rank)
    return "new"


def _changed(bench: Bench, place: Place, kept: KeptScreen, shifted: set[str]) -> Finding | None:
    before = kept.elements.get(place.element)
    if before is None:
        return None
    sighting = bench.sighting(place)
    assert sighting
    what = f"« {bench.told(before.words) or place.element} »"
    day = f"le {kept.seen[8:10]}/{kept.seen[5:7]}/{kept.seen[:4]}"
    evidence = bench.evidence(place)
    if not sighting.found(place.element):
        detail = f"{what} était là {day}, le portail ne le montre plus"
        return Finding(what, Holding.GONE, before.words, "", detail, evidence, "contract")
    shown = bench.words(place)
    if _exact(bench.told(before.words)) != _exact(shown):
        detail = f"{day} on lisait « {bench.told(before.words)} », maintenant « {shown} »"
        return Finding(what, Holding.DRIFTED, bench.told(before.words), shown, detail, evidence, "contract")
    if str(place) in shifted:
        detail = f"{what} n'est plus à la place où il était {day}"
        return Finding(what, Holding.MOVED, before.words, shown, detail, evidence, "contract")
    return _answers_changed(bench, place, before, what, day)


def _answers_changed(bench: Bench, place: Place, before: Kept, what: str, day: str) -> Finding | None:
    """An answer that the robot gives, in other words than before."""
    sighting = bench.sighting(place)
    sight = sighting.elements.get(place.element) if sighting else None
    if sight is None or not before.options or not sight.options:
        return None
    now = [" ".join(option.text.split()) for option in sight.options]
    then = [" ".join(text.split()) for text in before.options]
    known = bench.flows.screens[place.screen].elements[place.element].options
    if len(now) != len(then) or not known:
        return None
    pairs = [(old, new) for old, new in zip(then, now, strict=True) if old != new]
    if not pairs:
        return None
    old, new = pairs[0]
    detail = f"{what} : {day} une réponse était « {old} », maintenant « {new} »"
    return Finding(what, Holding.DRIFTED, old, new, detail, bench.evidence(place), "contract")


def _resaid(bench: Bench, sighting: Sighting, kept: KeptScreen) -> Finding | None:
    """A sentence by which the screen was known, in other words; numbers and dates in it may differ."""
    if not kept.sentences or not sighting.sentences:
        return None
    then, now = kept.sentences[0], sighting.sentences[0]
    if _exact(_without_values(then)) == _exact(_without_values(now)):
        return None
    what = f"la phrase de l'écran « {sighting.screen.title} »"
    return Finding(
        what,
        Holding.DRIFTED,
        then,
        now,
        f"on lisait « {then} », maintenant « {now} »",
        Evidence(sighting.screen.screen, sighting.screen.title, sighting.url, picture=sighting.picture, tree=sighting.tree),
        "contract",
    )


def _without_values(sentence: str) -> str:
    return re.sub(r"\S*\d\S*", "#", sentence)


def _exact(words: str) -> str:
    """Words as compared with those last seen: capitals and accents count, hints do not."""
    words = re.sub(r"\s*\((obligatoire|facultatif|requis)\)\s*$", "", " ".join(words.split()))
    return words.strip(" *:▾▼")


def _shifted(bench: Bench) -> Iterator[str]:
    """Things that changed places on their page since it was last seen: those outside the longest run kept in order."""
    if bench.contract is None:
        return
    for name, sighting in bench.seen.sightings.items():
        kept = bench.contract.screens.get(name)
        if kept is None:
            continue
        now = list(dict.fromkeys(sighting.order()))
        then = [one for one in dict.fromkeys(kept.order) if one in now]
        now = [one for one in now if one in then]
        moved = [one for one in now if one not in _in_order([then.index(one) for one in now], now)]
        yield from moved
        for one in moved:
            # Two that exchanged their places are both elsewhere.
            other = then[now.index(one)]
            if now.index(other) == then.index(one):
                yield other


def _in_order(ranks: list[int], names: list[str]) -> set[str]:
    """The names of a longest increasing run of ranks."""
    best: list[list[int]] = []
    for index, value in enumerate(ranks):
        before = max((run for run in best if ranks[run[-1]] < value), key=len, default=[])
        best.append([*before, index])
    return {names[index] for index in max(best, key=len, default=[])}


def summary(verdict: Verdict) -> str:
    """One French sentence: « 3.3 : libellé changé — le tutoriel dit … »."""
    worst = next((finding for finding in verdict.findings if finding.holding is verdict.holding), None)
    detail = f" — {worst.detail}" if worst and worst.detail else ""
    return f"{verdict.line} : {HOLDINGS[verdict.holding]}{detail}"
