"""The tutorial as a regression test: which of its lines are still true on a portal, since when, and who must act.

Stands on the engine; nothing of the engine imports it.
"""
