"""A person walks a portal, the robot beside: what they show never reaches the page, what is kept is nobody's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from robot.account import Account
from robot.browser import open_context
from robot.calibration import DONE, NEXT, NO, NONE, YES, Calibration
from robot.masking import Masker, identity_of
from robot.screens import Flows, load_flows
from robot.tabs import Place
from robot.vocabulary import vocabulary_of
from robot.walkfolder import SavedWalk, WalkFolder
from robot.walkreplay import differences
from robot.walkwriter import WalkWriter

from .drawing import Site

SOURCES = "sources: {vu: {what: essai, date: '2026', confidence: screenshot}}"
FORM = """
screen: formulaire
title: Formulaire
here: [{elements: [numero]}]
elements:
  numero: {field: {"Numéro de facture": vu}}
  commande: {field: {"Numéro d'engagement": vu}}
  marche: {field: {"Numéro de marché": vu}}
  envoyer: {button: {"Valider et envoyer": vu}}
steps:
  - {line: "3.11", say: Tapez le numéro de votre facture., effect: edit, type: {numero: invoice.number}}
  - {line: "3.13", say: Tapez le numéro de bon de commande., effect: edit, type: {commande: invoice.engagement}}
"""
WINDOW = """
screen: fenetre
title: Fenêtre
here: [{dialog: {"Déposer une facture": vu}}]
elements:
  fichier: {file: {"Choix du fichier": vu}}
  cadre: {select: {"Cadre de facturation": vu}, options: {A1: {"A1 : Dépôt par un fournisseur d'une facture": vu}}}
  structure: {select: {"Votre structure": vu}}
  motif: {field: {"Motif": vu}}
"""
MARKET = "<label>Numéro de marché <input name=marche></label>"
# What nobody else may read.
SECRETS = (
    "kerbrat", "zoé", "06 12 34 59 78", "73282932000074", "732 829 320 00074", "3000 6000 0198", "lilas", "brest",
    "fac-2026-0098", "1 498,75", "17/09/2026", "dubreuil", "bilan-marzin", "jeton-98f1", "motdepasse9", "st-98-ticket",
    "4598123", "marzin", "s0vsqljbva",
)  # fmt: skip


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory) -> Flows:
    root = tmp_path_factory.mktemp("flows")
    (root / "3-depot").mkdir()
    (root / "sources.yaml").write_text(SOURCES)
    for name, text in (("10-formulaire", FORM), ("20-fenetre", WINDOW)):
        (root / "3-depot" / f"{name}.yaml").write_text(text)
    return load_flows(root)


class Beside:
    """A calibration, and the person whom it stands beside."""

    def __init__(self, calibration: Calibration, folder: Path, copies: Browser) -> None:
        self.calibration = calibration
        self.folder = folder
        self.copies = copies
        self.said: list[str] = []

    @property
    def page(self) -> Page:
        return self.calibration.portal.page

    @property
    def walk(self) -> SavedWalk:
        return WalkFolder(self.folder).load()

    def go(self, address: str) -> None:
        self.page.goto(address)
        self.rest()

    def rest(self) -> None:
        """Until the robot has seen the page as it is, and looked at what it asks."""
        for _ in range(3):
            assert self.calibration.look()

    def caption(self) -> str:
        """All words of the caption, as they stand in its closed shadow."""
        return " ".join(text for _, text in self._nodes() if text)

    def press(self, words: str) -> bool:
        """Presses a button of the caption with the mouse; whether there is a next moment."""
        box = next(box for box, text in self._nodes() if text == words and box)
        self.page.mouse.click((box[0] + box[4]) / 2, (box[1] + box[5]) / 2)
        return self.calibration.look()

    def point(self, selector: str) -> None:
        box = self.page.locator(selector).bounding_box()
        assert box
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert self.calibration.look()
        assert self.calibration.look()

    def _nodes(self) -> Iterator[tuple[list[float], str]]:
        session = self.page.context.new_cdp_session(self.page)
        ahead = [session.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]]
        while ahead:
            node = ahead.pop(0)
            if "data-chorus-robot" in node.get("attributes", ()):
                ahead = list(node["shadowRoots"])
            elif node["nodeName"] in ("P", "BUTTON"):
                text = " ".join(str(child["nodeValue"]) for child in node.get("children", ()))
                box = session.send("DOM.getBoxModel", {"nodeId": node["nodeId"]})["model"]["border"] if text else []
                yield box, text
            ahead += [*node.get("children", ()), *node.get("shadowRoots", ())]
        session.detach()


@pytest.fixture
def beside(
    chromium: Browser, sites: tuple[Site, Site, Site], flows: Flows, tmp_path: Path
) -> Iterator[Callable[..., Beside]]:
    """Begins a walk, or goes on with the one that is in the folder."""
    contexts = []

    def begin(*, asks: bool = True) -> Beside:
        contexts.append(open_context(chromium))
        portal, sign_in, _ = sites
        place = Place("essai", f"http://{portal.host}/", (portal.host, sign_in.host), (sign_in.host,), "2024")
        folder = WalkFolder(tmp_path / "parcours")
        new = SavedWalk(portal="essai", generation="2024", robot="essai", day="2026-11-23", who="essai", named=True)
        walk = folder.load() if folder.exists else new
        account = Account.of("zoe.kerbrat@cabinet.fr", None, first_name="Zoé", last_name="Kerbrat")
        masker = Masker(vocabulary_of(flows), identity_of(account, ("73282932000074",)))
        said: list[str] = []
        writer = WalkWriter(folder, walk, flows, masker, chromium, said.append)
        made = Beside(
            Calibration(contexts[-1], flows, place, writer, said.append, asks=asks), tmp_path / "parcours", chromium
        )
        made.said = said
        return made

    yield begin
    for context in contexts:
        context.close()


# --- showing ----------------------------------------------------------------------------------------------------------

NEW_WORDS = f"""<label>Numéro de facture <input id=numero></label>{MARKET}
<p><label for=ej>N° d'EJ de l'université</label> <input id=ej name=formEj onfocus="document.title = 'focus'"></p>
<button onclick="document.title = 'envoyé'">Valider et envoyer</button>
<script>window.heard = [];
for (const kind of ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "focusin"])
  addEventListener(kind, (event) => heard.push(kind + " " + event.target.id), true);</script>"""


def test_what_is_not_found_is_shown_by_a_click_that_does_nothing(beside, portal_site):
    """The element's new words and its id are noted; the page hears of no press on it."""
    walker = beside()
    walker.go(portal_site.show(NEW_WORDS))
    assert "Numéro d'engagement" in walker.caption()
    walker.point("#ej")
    assert "N° d'EJ de l'université" in walker.caption()
    assert walker.press(YES)
    assert not [event for event in walker.page.evaluate("heard") if event.endswith(" ej")]
    assert walker.page.title() == "Essai"
    (correction,) = walker.walk.corrections
    assert (correction.path, correction.words) == (("elements", "commande", "field"), "N° d'EJ de l'université")
    assert walker.walk.ids["formulaire"] == {
        "numero": "#numero", "marche": '[name="marche"]', "commande": "#ej"
    }  # fmt: skip


def test_a_wrong_click_is_asked_again(beside, portal_site):
    walker = beside()
    walker.go(portal_site.show(NEW_WORDS))
    walker.point("button")
    assert "rien de ce genre" in walker.caption()
    walker.point("[name=marche]")
    assert walker.press(NO)
    assert "Numéro d'engagement" in walker.caption()
    assert walker.page.title() == "Essai"


def test_the_next_sentence_stands_over_the_page(beside, portal_site):
    walker = beside(asks=False)
    walker.go(portal_site.show(NEW_WORDS))
    assert "numéro de votre facture. (3.11)" in walker.caption()
    assert "« Formulaire » (3 sur 4)" in walker.caption()
    walker.press(NEXT)
    walker.calibration.look()
    assert "bon de commande. (3.13)" in walker.caption()
    assert not walker.press(DONE)


def test_a_page_that_was_just_reached_is_kept_when_the_walk_ends(beside, portal_site):
    walker = beside(asks=False)
    walker.page.goto(portal_site.show(NEW_WORDS))
    walker.calibration.look()
    assert not walker.press(DONE)
    assert [page.screens for page in walker.walk.pages] == [("formulaire",)]


def test_a_walk_goes_on_where_it_was_left(beside, portal_site):
    """What was saved stays when the window is closed; what was answered is not asked again."""
    address = portal_site.show(NEW_WORDS.replace("Numéro de marché", "Autre"))
    first = beside()
    first.go(address)
    first.press(NONE)
    first.page.close()
    assert not first.calibration.look()
    second = beside()
    second.go(address)
    assert second.walk.answers == {"formulaire.commande": "absent"}
    assert "Numéro de marché" in second.caption()
    assert [page.screens for page in second.walk.pages] == [("formulaire",)]


# --- keeping ----------------------------------------------------------------------------------------------------------

HARD = """<h1>Bienvenue</h1><iframe src="/cadre" style="width:600px;height:120px"></iframe>
<dialog id=d style="width:700px"><h2>Déposer une facture</h2>
  <div id=hote></div>
  <p>Cadre de facturation</p><select id=c hidden><option>A1 : Dépôt par un fournisseur d'une facture</select>
  <span class="select2"><span class="select2-selection" tabindex=0 role=combobox style="border:1px solid">A1 : Dépôt par un
  fournisseur d'une facture</span></span>
  <label>Votre structure <select><option>73282932000074 - CABINET KERBRAT</select></label>
  <a data-toggle=collapse href="#plus">Plus</a><div id=plus style="display:none"><label>Motif <input></label></div>
</dialog>
<script>
  const root = hote.attachShadow({mode: "open"});
  root.innerHTML = "<label>Choix du fichier <input type=file></label>";
  d.showModal();
</script>"""


def test_a_copy_shows_what_the_page_showed(beside, portal_site, flows):
    """A window of the top layer, a shadow tree, a drawn list, a closed panel, a file chooser."""
    walker = beside(asks=False)
    portal_site.show("<p>Un cadre</p>", "/cadre")
    walker.go(portal_site.show(HARD))
    (page,) = walker.walk.pages
    assert page.losses == ()
    assert {name: found.state for name, found in page.elements.items()} == {
        "fenetre.fichier": "found", "fenetre.cadre": "found", "fenetre.structure": "found", "fenetre.motif": "collapsed"
    }  # fmt: skip
    assert differences(walker.copies, walker.folder, flows) == []


def test_a_form_in_a_frame_is_kept_with_it(beside, portal_site, sign_in_site, flows):
    """Also where the frame is of another host of the portal."""
    inner = sign_in_site.show("<label>Numéro de facture <input></label><button>Valider et envoyer</button>")
    walker = beside(asks=False)
    walker.go(portal_site.show(f"<p>Dehors</p><iframe src='{inner}' style='width:700px;height:300px'></iframe>"))
    (page,) = walker.walk.pages
    assert (page.screens, page.losses) == (("formulaire",), ())
    assert differences(walker.copies, walker.folder, flows) == []


def test_a_replay_tells_what_the_flows_lost(beside, portal_site, flows):
    walker = beside(asks=False)
    walker.go(portal_site.show(NEW_WORDS))
    screen = flows.screens["formulaire"]
    other = screen.elements["marche"].model_copy(update={"field": {"Marché public": ("vu",)}})
    changed = screen.model_copy(update={"elements": screen.elements | {"marche": other}})
    ids = walker.walk.model_copy(update={"ids": {}})
    WalkFolder(walker.folder).save(ids)
    poorer = Flows(flows.root, flows.sources, {**flows.screens, "formulaire": changed}, files=flows.files)
    (lost,) = differences(walker.copies, walker.folder, poorer)
    assert (lost.says, lost.is_loss) == ("« Marché public » (formulaire.marche) n'est plus trouvé", True)


PERSONAL = """<title>Facture FAC-2026-0098 de Zoé Kerbrat</title>
<meta name=csrf content=jeton-98f1><!-- zoé kerbrat --><style>.x::before { content: "Zoé Kerbrat, Brest" }</style>
<header>Bonjour Zoé <b class=x>KERBRAT</b> <img alt="Photo de Zoé Kerbrat" src="data:image/gif;base64,S0VSQlJBVA=="></header>
<form action="/suite?ticket=ST-98-ticket" method=post><input type=hidden name=_csrf value=jeton-98f1>
<label>Numéro de facture <input name=n value="FAC-2026-0098" placeholder="comme FAC-2026-0098"></label>
<label>Numéro de marché <input name=marche data-patient="Marzin"></label>
<label>Mot de passe <input type=password name=p></label>
<label>Commentaire <textarea name=commentaire></textarea></label>
<label>Structure <select name=s><option value=4598123>CABINET KERBRAT (732 829 320 00074)</select></label>
<label>Bilan <input type=file name=f></label><button>Valider et envoyer</button></form>
<table id=row-4598123><tr><th>Facture<th>Date<th>Montant<tr><td><a href="/f/4598123?x=kerbrat">FAC-2026-0098</a><td>17/09/2026
<td>1 498,75 €</table>
<p title="06 12 34 59 78">Zoé Kerbrat, 7 rue des Lilas, 29200 Brest, 06 12 34 59 78, zoe.kerbrat@cabinet.fr,
FR76 3000 6000 0198 3456</p>
<canvas id=c width=900 height=300></canvas><iframe src="/cadre" style="width:600px;height:200px"></iframe><div id=hote></div>
<script>const nom = "Kerbrat";
c.getContext("2d").fillStyle = "red"; c.getContext("2d").fillRect(0, 0, 900, 300); document.cookie = "nom=kerbrat";
hote.attachShadow({mode: "open"}).innerHTML = "<p>Patient : Zoé Marzin</p>";</script>"""
AFTERWARDS = "<h2>Envoyée</h2><p>Votre commentaire : remplacement dubreuil</p><button>Dubreuil</button><li>bilan-marzin.pdf"


def test_nothing_of_the_person_is_in_the_folder(beside, portal_site, flows, tmp_path):
    """Neither what the portal knows of them nor what they type, in no file; and no page is pictured but the masked copy."""
    bill = tmp_path / "bilan-marzin.pdf"
    bill.write_bytes(b"%PDF")
    portal_site.show("<p>Client : Zoé Kerbrat, SIRET 73282932000074</p>", "/cadre")
    portal_site.show(AFTERWARDS, "/suite")
    walker = beside(asks=False)
    walker.go(portal_site.show("<h1>Dubreuil</h1><p>remplacement dubreuil</p>", "/avant"))
    walker.go(portal_site.show(PERSONAL, "/factures/4598123") + "?ticket=ST-98-ticket&nom=Kerbrat#zoé")
    # The page was painted red, which no copy holds.
    assert not _is_red(walker.folder)
    walker.page.fill("[name=p]", "motdepasse9")
    walker.page.fill("textarea", "Remplacement Dubreuil")
    walker.page.set_input_files("[type=file]", bill)
    walker.page.click("text=Valider et envoyer")
    walker.rest()
    assert [page.screens for page in walker.walk.pages] == [(), ("formulaire",), ()]
    for file in (file for file in walker.folder.rglob("*") if file.is_file()):
        words = file.read_bytes().decode("utf-8", "replace").lower()
        assert [secret for secret in SECRETS if secret in words] == [], file
    assert not _is_red(walker.folder)
    assert differences(walker.copies, walker.folder, flows) == []


def _is_red(folder: Path) -> bool:
    """Whether any picture of the walk has red in it."""
    pictures = list(folder.rglob("*.jpg"))
    assert pictures
    return any(r > 200 and g < 60 and b < 60 for picture in pictures for r, g, b in _colours(Image.open(picture)))


def _colours(picture: Image.Image) -> list[tuple[int, int, int]]:
    small = picture.convert("RGB").resize((200, 200))
    return [colour for _, colour in small.getcolors(40_000) or []]


def test_a_copy_runs_and_loads_nothing(beside, portal_site):
    """Opened by anybody, in any browser."""
    walker = beside(asks=False)
    walker.go(portal_site.show(NEW_WORDS + "<a href='https://ailleurs.exemple/'>Aide</a><link rel=stylesheet href=/style.css>"))
    (html,) = WalkFolder(walker.folder).html(walker.walk.pages[0].folder)
    assert not re.search(r"<script|https?://|url\(|onclick=\"[^\"]", html)
    assert "default-src &#x27;none&#x27;" in html
