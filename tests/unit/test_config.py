"""The configuration: what it says, what it refuses, and secrets that never show."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from pydantic import SecretStr

from robot.account import Account
from robot.config import REPLICA, load_config
from robot.failures import ConfigInvalid
from robot.sample import EXAMPLE_CONFIG, SUPPLIER_SIRET

RIGHT = {
    "portal": "replica",
    "portals": "{replica: {generation: 2024}}",
    "account": "{email: psy@exemple.test, password: {env: ROBOT_TEST_PASSWORD}, second_factor: person}",
    "supplier": '{siret: "00020260600018"}',
}
ESSAI = (
    'url: "http://127.0.0.1:8800/", hosts: ["127.0.0.1:8800", "127.0.0.1:8801"], '
    'sign_in_hosts: ["127.0.0.1:8801"], generation: 2024'
)


@pytest.fixture
def write(tmp_path: Path):
    """Writes a right configuration, one key a line, with some keys changed; None takes a key away."""

    def write(**changes: str | None) -> Path:
        path = tmp_path / "config.yaml"
        lines = [f"{key}: {value}\n" for key, value in (RIGHT | changes).items() if value is not None]
        path.write_text("".join(lines), encoding="utf-8")
        return path

    return write


def problems_of(path: Path) -> list[str]:
    """Each problem as it is printed, without the path."""
    with pytest.raises(ConfigInvalid) as caught:
        load_config(path)
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


def with_password(password: str) -> str:
    return f"{{email: psy@exemple.test, password: {password}}}"


def with_totp(totp: str) -> str:
    factor = f"second_factor: {{totp: {totp}}}"
    return f"{{email: psy@exemple.test, password: {{env: ROBOT_TEST_PASSWORD}}, {factor}}}"


# --- what is read -------------------------------------------------------------------------------------------


def test_the_example_loads_as_is_without_any_secret():
    """A newcomer's first command needs no password."""
    config = load_config(EXAMPLE_CONFIG)
    assert config.portal == REPLICA
    assert config.portals[REPLICA].is_embedded
    assert config.supplier.siret == SUPPLIER_SIRET
    assert (config.out, config.browser.headless, config.browser.timeout_seconds) == (Path("depots"), True, 30)


def test_the_example_explains_each_setting():
    """Every line that sets something says in French what it is."""
    lines = EXAMPLE_CONFIG.read_text(encoding="utf-8").splitlines()
    settings = [
        line for line in lines if line.strip() and not line.startswith("#") and not line.endswith(":")
    ]
    assert [line for line in settings if "#" not in line] == []


def test_a_portal_is_described_by_four_settings(write):
    """Address, hosts, sign-in hosts and generation are enough."""
    config = load_config(write(portal="essai", portals=f"{{essai: {{{ESSAI}}}}}"))
    essai = config.portals["essai"]
    assert (essai.url, essai.generation, essai.is_embedded) == ("http://127.0.0.1:8800/", "2024", False)
    assert essai.hosts == ("127.0.0.1:8800", "127.0.0.1:8801")
    assert essai.sign_in_hosts == ("127.0.0.1:8801",)
    assert config.portals[REPLICA].is_embedded  # always there


def test_the_replica_may_have_an_address_of_its_own(write):
    """A portal called « replica » with an address is somebody's running replica."""
    assert not load_config(write(portals=f"{{replica: {{{ESSAI}}}}}")).portals[REPLICA].is_embedded


@pytest.mark.parametrize(
    ("url", "written", "read"),
    [
        ("https://a.fr/", "a.fr", "a.fr"),
        ("https://a.fr/", "a.fr:443", "a.fr"),  # the usual port may be written
        ("https://a.fr/", "A.FR", "a.fr"),  # hosts have no capitals
        ("http://a.fr/", "a.fr:80", "a.fr"),
        ("http://a.fr:8080/x", "a.fr:8080", "a.fr:8080"),
        ("http://[::1]:8080/", "[::1]:8080", "::1:8080"),
    ],
)
def test_hosts_are_read_as_the_browser_shows_them(write, url, written, read):
    """One way to write each host: the usual port is left out."""
    place = f'{{url: "{url}", hosts: ["{written}"], sign_in_hosts: ["{written}"]}}'
    essai = load_config(write(portals=f"{{essai: {place}}}")).portals["essai"]
    assert essai.hosts == essai.sign_in_hosts == (read,)


def test_a_portal_known_from_elsewhere_may_be_chosen(write):
    """Profiles of the flows are portals too."""
    assert load_config(write(portal="chorus-pro"), profiles=("chorus-pro",)).portal == "chorus-pro"


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        # the portal
        (
            "portal",
            "replcia",
            "Le portail « replcia » est inconnu. ; attendu : replica ; remède : vouliez-vous dire",
        ),
        ("portals", "{essai: {generation: 2024}}", "Le portail « essai » n'a pas d'adresse."),
        ("portals", "{replica: {generation: 2023}}", "« portals.replica.generation » vaut « 2023 »"),
        ("portals", "{replica: {genre: 2024}}", "clé inconnue « genre »"),
        # addresses
        ("url", '"ftp://a.fr/"', "L'adresse « ftp://a.fr/ » ne convient pas."),
        ("url", "a.fr", "L'adresse « a.fr » ne convient pas."),
        ("url", '"https://a.fr@b.fr/"', "ne convient pas"),  # shows one host, goes to another
        ("url", '"https://é.fr/"', "ne convient pas"),  # letters that look like others
        ("url", '"https://a.fr:x/"', "ne convient pas"),
        # hosts
        ("hosts", "[b.fr]", "L'hôte de l'adresse, a.fr, n'est pas dans hosts."),
        ("hosts", "[]", "L'hôte de l'adresse, a.fr, n'est pas dans hosts."),
        ("hosts", '[a.fr, "*.a.fr"]', "« *.a.fr » n'est pas un hôte."),
        ("hosts", '[a.fr, "https://b.fr"]', "« https://b.fr » n'est pas un hôte."),
        ("hosts", "[a.fr, b.fr/x]", "« b.fr/x » n'est pas un hôte."),
        ("sign_in_hosts", "[b.fr]", "L'hôte b.fr de sign_in_hosts n'est pas dans hosts."),
        ("sign_in_hosts", '["a.fr:8443"]', "L'hôte a.fr:8443 de sign_in_hosts"),  # another port, another host
        ("sign_in_hosts", "[]", "sign_in_hosts manque"),
        # account and supplier
        ("account", None, "L'adresse e-mail du compte manque."),
        ("account", "{email: psy, password: {env: A}}", "« psy » n'est pas une adresse e-mail."),
        ("account", "{email: a@b.fr}", "Le secret n'a pas d'adresse, ou en a plusieurs."),
        (
            "account",
            "{email: a@b.fr, password: {env: A}, second_factor: sms}",
            "second_factor ne convient pas.",
        ),
        ("supplier", None, "Votre SIRET n'est pas indiqué."),
        ("supplier", '{siret: "00020260600019"}', "Le SIRET 00020260600019 comporte une erreur de frappe"),
        # the rest
        (
            "browser",
            "{timeout_seconds: 0}",
            "timeout_seconds vaut 0. ; attendu : de 1 à 600 secondes par écran",
        ),
        ("browser", "{headless: peut-être}", "attendu : true ou false"),
        ("sortie", "depots", "clé inconnue « sortie »"),
    ],
)
def test_each_mistake_is_refused_in_french(write, key, value, message):
    """One mistake, one sentence with what to do."""
    if key in ("url", "hosts", "sign_in_hosts"):
        place = {"url": '"https://a.fr/"', "hosts": "[a.fr]", "sign_in_hosts": "[a.fr]"} | {key: value}
        key, value = (
            "portals",
            "{essai: {" + ", ".join(f"{name}: {text}" for name, text in place.items()) + "}}",
        )
    assert message in problems_of(write(**{key: value}))[0]


def test_everything_wrong_is_said_at_once(write):
    """Each problem has the line of its key."""
    problems = problems_of(write(portal="x", account="{email: x, password: x}", supplier="{siret: x}"))
    assert [problem.partition(":")[0] for problem in problems] == ["1", "3", "3", "4"]


# --- secrets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "account",
    [
        with_password("hunter2"),  # in the open
        with_password("[hunter2]"),
        with_password("{env: 'hunter2 !'}"),  # in the place of the variable's name
        with_password("{env: [hunter2]}"),
        with_password("{env: A, file: hunter2}"),
        with_password("{secret: hunter2}"),
        with_totp("hunter2"),
        "{email: a@b.fr, password: {env: A}, second_factor: hunter2}",
        "{email: a@b.fr, password: {env: A}, second_factor: [hunter2]}",
    ],
)
def test_a_secret_written_in_the_file_is_refused_and_not_repeated(write, account):
    """The message gives the cure; the secret is in no message."""
    (problem,) = problems_of(write(account=account))
    assert "{env: " in problem
    assert "hunter2" not in problem


def test_a_secret_comes_from_the_environment(write, monkeypatch):
    """Masked from the moment it is read."""
    monkeypatch.setenv("ROBOT_TEST_PASSWORD", "hunter2")
    account = load_config(write()).sign_in()
    assert account.password == SecretStr("hunter2")
    assert "hunter2" not in f"{account!r} {account} {account.model_dump_json()}"


def test_a_missing_variable_is_said_when_the_secret_is_needed(write):
    """The line that names it, and how to define it."""
    path = write()
    config = load_config(path)
    with pytest.raises(ConfigInvalid) as caught:
        config.sign_in()
    assert str(caught.value) == (
        f"{path}:3: La variable d'environnement ROBOT_TEST_PASSWORD n'est pas définie. ; "
        "remède : définissez-la avant de lancer le robot : export ROBOT_TEST_PASSWORD=…"
    )


def _secret_file(folder: Path, content: bytes, mode: int = 0o600) -> None:
    (folder / "secret").write_bytes(content)
    (folder / "secret").chmod(mode)


@pytest.mark.parametrize("content", [b"hunter2", b"hunter2\n", b"hunter2\r\n", b"\xef\xbb\xbfhunter2"])
def test_a_secret_comes_from_a_file_beside_the_configuration(tmp_path, write, content):
    """One line; its end and the mark of Windows editors are no part of it."""
    _secret_file(tmp_path, content)
    assert load_config(write(account=with_password("{file: secret}"))).sign_in().password == SecretStr(
        "hunter2"
    )


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(tmp_path, write, mode):
    """The cure is one command."""
    _secret_file(tmp_path, b"hunter2", mode)
    config = load_config(write(account=with_password("{file: secret}")))
    with pytest.raises(
        ConfigInvalid, match=f"D'autres que vous peuvent lire .* ; remède : chmod 600 {tmp_path}/secret"
    ):
        config.sign_in()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "introuvable ou illisible"),
        (b"", "ne contient pas une ligne et une seule"),
        (b"hunter2\nhunter3", "ne contient pas une ligne et une seule"),
        (b"x" * 5000, "n'est pas un petit fichier"),
        (b"\xff\xfe", "introuvable ou illisible"),
    ],
)
def test_a_file_that_holds_no_secret_is_a_sentence(tmp_path, write, content, words):
    """Whatever is wrong with the file, its owner reads which file and why, never its content."""
    if content is not None:
        _secret_file(tmp_path, content)
    config = load_config(write(account=with_password("{file: secret}")))
    with pytest.raises(ConfigInvalid, match=words) as caught:
        config.sign_in()
    assert "hunter" not in str(caught.value)


# --- the second factor --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret", ["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp"]
)
def test_the_code_is_the_authenticator_app_s(monkeypatch, write, secret):
    """RFC 6238, however the portal spaced the secret."""
    monkeypatch.setenv("ROBOT_TEST_PASSWORD", "x")
    monkeypatch.setenv("ROBOT_TEST_TOTP", secret)
    monkeypatch.setattr("time.time", lambda: 1_793_000_000)
    account = load_config(write(account=with_totp("{env: ROBOT_TEST_TOTP}"))).sign_in()
    expected = TOTP(b"Hello!\xde\xad\xbe\xef" * 2, 6, SHA1(), 30).generate(1_793_000_000)
    assert account.code == SecretStr(expected.decode())
    assert secret not in repr(account) + account.model_dump_json()


def test_a_person_gives_the_code_unless_told_otherwise():
    """Without a secret there is no code to compute."""
    assert Account.of("a@b.fr", SecretStr("x"), None).code is None


def test_a_secret_that_no_app_would_show_is_refused(monkeypatch, write):
    """Base 32 is letters and 2 to 7; the line and the cure, not the secret."""
    monkeypatch.setenv("ROBOT_TEST_PASSWORD", "x")
    monkeypatch.setenv("ROBOT_TEST_TOTP", "hunter-01")
    with pytest.raises(ConfigInvalid, match=r"config\.yaml:3: .* n'est pas en base 32") as caught:
        load_config(write(account=with_totp("{env: ROBOT_TEST_TOTP}"))).sign_in()
    assert "hunter" not in str(caught.value).lower()
