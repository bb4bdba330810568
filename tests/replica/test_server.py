"""The replica's servers: where they listen, what they say of a port that they cannot have, how they stop."""

from __future__ import annotations

import socket
import urllib.request

import pytest

from robot.replica.hosting import HOST, PortTaken
from robot.replica.server import Replica


def test_the_portal_of_2021_has_one_origin():
    """Home, sign-in and invoicing at the same place."""
    with Replica(generation=2021) as replica:
        assert replica.hosts == replica.sign_in_hosts
        assert len(replica.hosts) == 1


def test_a_taken_port_is_told_in_french():
    """With its number and the cure."""
    with socket.create_server((HOST, 0)) as place:
        port = place.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Le port {port} .* choisissez un autre port"):
            Replica(generation=2021, port=port)


@pytest.mark.parametrize("port", [-1, 65534])
def test_a_port_that_does_not_exist_is_told_in_french(port):
    """Three ports in a row must fit."""
    with pytest.raises(PortTaken, match="choisissez-en un entre 1 et 65533"):
        Replica(port=port)


def test_stopping_frees_the_ports():
    """At once, and all of them."""
    replica = Replica()
    with replica, urllib.request.urlopen(replica.url, timeout=10) as answer:
        assert answer.status == 200
    for host in replica.hosts:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, int(host.rpartition(":")[2])), timeout=5)


def test_stopping_twice_does_no_harm():
    """Nor does stopping what never started."""
    replica = Replica()
    replica.stop()
    replica.stop()
