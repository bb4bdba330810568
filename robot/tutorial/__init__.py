"""The tutorial as a regression test: which of its lines are still true on a portal, since when, and who must act.

Stands on the engine; of the engine, `schema.py` alone imports anything of it (the form of `flows/tutorial.yaml`).
"""
