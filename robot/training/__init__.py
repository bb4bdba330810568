"""Training: show a journey at a human pace, let people practise it, draw the illustrated guide. Told by the flows alone.

Listens to the engine and lays captions over its window; never decides what a journey does.
"""
