"""Screens drawn as small pages, in a real browser. A package, so that its browser is closed when it is done."""
