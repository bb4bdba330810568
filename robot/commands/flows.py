"""`chorus-robot flows`: judges and lists the tutorial's flows, and gives their JSON schema to editors."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from robot.failures import FlowInvalid
from robot.review import lines_of, review
from robot.schema import flow_schema
from robot.screens import FLOWS_DIR, load_flows
from robot.training.exercises import load_exercises

HELP = "Vérifie les parcours décrits dans flows/, les liste, ou donne leur schéma JSON."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", choices=["check", "list", "schema"], help="vérifier, lister, ou écrire le schéma"
    )
    parser.add_argument(
        "--flows", type=Path, default=FLOWS_DIR, metavar="DOSSIER", help="dossier des parcours"
    )
    parser.add_argument("--json", action="store_true", help="un objet JSON par ligne sur la sortie standard")


def run(options: argparse.Namespace) -> int:
    if options.action == "schema":
        print(json.dumps(flow_schema(), ensure_ascii=False, indent=2))
        return 0
    try:
        flows = load_flows(options.flows)
        problems = review(flows)
        # Exercises are judged against flows that are right.
        exercises = len(load_exercises(flows)) if not problems else 0
    except FlowInvalid as failure:
        problems = failure.problems
        flows = None
    if options.action == "check" or flows is None:
        for problem in problems:
            if options.json:
                fields = ("what", "expected", "cure")
                line = {"path": str(problem.path), "line": problem.line} | {
                    f: getattr(problem, f) for f in fields
                }
                print(json.dumps(line, ensure_ascii=False))
            else:
                print(problem, file=sys.stderr)
        if not problems and not options.json and flows:
            covered = len({line for journey in flows.journeys.values() for line in lines_of(journey)})
            counted = f"{len(flows.screens)} écrans, {len(flows.journeys)} parcours"
            print(f"✓ {counted}, {exercises} exercices ; {covered} lignes du tutoriel couvertes.")
        return 2 if problems else 0
    for name, journey in flows.journeys.items():
        if not options.json:
            told = f", lignes {journey.lines[0]} à {journey.lines[1]}" if journey.lines else ""
            print(f"\n{journey.title} ({name}{told})")
        for screen in flows.of_journey(name):
            lines = sorted(
                {step.line for step in screen.all_steps()} - {"new"}, key=lambda line: int(line.split(".")[1])
            )
            source = flows.shown(flows.files[screen.screen].path)
            if options.json:
                row = {
                    "journey": name,
                    "screen": screen.screen,
                    "title": screen.title,
                    "lines": lines,
                    "file": source,
                }
                print(json.dumps(row, ensure_ascii=False))
            else:
                print(f"  {', '.join(lines) or '—':<22} {screen.title:<36} {source}")
    return 0
