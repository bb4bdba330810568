"""The training replica of the portal: a stateful copy to learn on and to test against; nothing leaves it.

Knows nothing of the robot: it imports nothing of `robot` outside this package.
"""
