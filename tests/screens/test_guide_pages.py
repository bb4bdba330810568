"""What a guide is made of in a real browser: where things stand, whose data is seen, how it prints, how it is filmed."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import FloatRect

from robot.account import Account
from robot.masking import Masker, identity_of
from robot.session import Lent
from robot.training.film import Caption, Film, Shot
from robot.training.framing import framed, room
from robot.training.guide import Chapter, Entry, Guide, Part
from robot.training.guidebook import headings, printed
from robot.training.pictures import drawn, masked_camera
from robot.vocabulary import vocabulary_of

from .drawing import button, element, field, file, flows_of, screen

NAMED = screen(elements={"nom": field("Nom"), "go": button("Valider")})


def boxes(page, *names: str) -> dict[str, FloatRect]:
    return {one.element: one.box for one in framed(page.portal, page.screen, names)}


def middle(box: FloatRect) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


# --- where things stand -----------------------------------------------------------------------------------------------


def test_a_hidden_file_chooser_is_framed_where_its_label_stands(open_screen):
    html = """<label style='position:absolute;left:200px;top:300px;width:180px;height:30px'>Fichier
              <input type=file style='position:absolute;width:1px;height:1px;opacity:0'></label>"""
    page = open_screen(html, screen(elements={"piece": file("Fichier")}))
    assert boxes(page, "piece")["piece"] == {"x": 200, "y": 300, "width": 180, "height": 30}


def test_what_lies_below_the_fold_is_brought_into_view(open_screen):
    page = open_screen("<div style='height:4000px'></div><label>Nom <input></label><button>Valider</button>", NAMED)
    found = boxes(page, "nom", "go")
    assert set(found) == {"nom", "go"} and all(0 < middle(box)[1] < 900 for box in found.values())


def test_words_of_a_window_are_framed_and_not_those_under_it(open_screen):
    """The same words stand on the page too."""
    html = """<p>Montant HT : 1,00</p>
      <div role=dialog aria-modal=true aria-label=Confirmation
        style='position:fixed;left:400px;top:300px;width:400px;height:200px;background:#fff'><p>Montant HT : 600,00</p></div>"""
    page = open_screen(html, screen(elements={"ht": element("value", "Montant HT")}))
    x, y = middle(boxes(page, "ht")["ht"])
    assert 400 < x < 800 and 300 < y < 500
    assert room(page.portal, page.screen, ("ht",)) == {"x": 400, "y": 300, "width": 400, "height": 200}


# --- whose data is seen -----------------------------------------------------------------------------------------------


def test_pictures_of_two_people_are_the_same(open_screen, chromium):
    """Name in the head, value typed, amount in the text: nothing of them is left on a masked picture."""
    pictures = []
    for first, last, amount in (("Jeanne", "Martin", "612,00"), ("Odette", "Durand", "845,50")):
        html = f"""<p>Bonjour {first} {last}</p><label>Nom <input value='{last}'></label><button>Valider</button>
                   <p>Votre facture de {amount} EUR est enregistrée.</p>"""
        page = open_screen(html, NAMED)
        flows = flows_of(NAMED)
        account = Account.of("x@exemple.test", None, first_name=first, last_name=last)
        masker = Masker(vocabulary_of(flows), identity_of(account))
        look = masked_camera(chromium, masker, flows)(page.portal, page.screen, ("nom",))
        assert look and [one.element for one in look.framed] == ["nom"]
        pictures.append(look.png)
    assert pictures[0] == pictures[1]


# --- print ------------------------------------------------------------------------------------------------------------


def png() -> bytes:
    target = BytesIO()
    Image.new("RGB", (1280, 1000), "white").save(target, "PNG")
    return target.getvalue()


@pytest.fixture(scope="module")
def guide() -> Guide:
    """Two chapters of several pages."""
    picture = drawn(png(), [FloatRect(x=100, y=100, width=200, height=30)], "1")
    chapters = []
    for title in ("Créer son compte", "Déposer une facture"):
        entries = tuple(
            Entry(number, "3.1", f"Cliquez, {number}e fois.", ("Un piège.",), picture, f"Écran ; encadré, numéro {number}.")
            for number in range(1, 8)
        )
        parts = tuple(Part(f"{title} : écran {entry.number}", (entry,)) for entry in entries)
        chapters.append(Chapter(title, ("3.1", "3.20"), parts))
    at = dt.datetime(2026, 11, 23, 14, 5, tzinfo=dt.UTC)
    return Guide("réplique", "2024", True, False, at, "Chromium", tuple(chapters))


@pytest.fixture(scope="module")
def pdf(guide, chromium) -> bytes:
    return printed(guide, chromium)


def test_contents_give_the_page_that_each_title_is_printed_on(guide, pdf):
    """Read from the page's own text, which no outline can make true."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    contents = pages[1]
    for heading in headings(guide):
        (found,) = [number for number, text in enumerate(pages[2:], 3) if heading.title in text]
        assert f" {heading.title} {found} " in contents
    assert all(f"page {number} sur {len(pages)}" in text for number, text in enumerate(pages[1:], 2))


def test_the_pdf_can_be_read_aloud(guide, pdf):
    """Tagged, in French, with an outline, a title, and a text for every picture."""
    with pikepdf.open(BytesIO(pdf)) as document:
        root = document.Root
        assert root.MarkInfo.Marked and str(root.Lang).startswith("fr")
        assert len(document.open_outline().root) > 0
        alts = [str(one.Alt) for one in document.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one]
    assert sorted(alts) == sorted(entry.alt.replace(" ;", "\N{NO-BREAK SPACE};") for entry in guide.entries)


def test_no_picture_is_cut_over_two_pages(pdf):
    """Each is drawn once, whole."""
    with pikepdf.open(BytesIO(pdf)) as document:
        drawings = [
            operands[0]
            for page in document.pages
            for operands, operator in pikepdf.parse_content_stream(page)
            if str(operator) == "Do"
        ]
    assert len(drawings) == 14


# --- film -------------------------------------------------------------------------------------------------------------


def test_a_film_plays(driver, chromium, tmp_path):
    """Encoded by the browser, and read by it again."""
    film = Film(tmp_path, "Déposer une facture", "Réplique · 23 novembre 2026")
    for number in (1, 2):
        path = tmp_path / f"{number}"
        path.write_bytes(png())
        caption = Caption(number, "3.1", "Préparez votre facture en PDF.")
        film.shots.append(Shot(number, path, caption, (FloatRect(x=100, y=100, width=200, height=30),), stays=3))
    written = film.write(tmp_path / "film.webm", Lent(driver, driver.chromium.launch))
    page = chromium.new_page()
    try:
        page.route("**/*", lambda route: route.fulfill(body="<video muted></video>", content_type="text/html"))
        page.goto("https://film.invalid/")
        page.evaluate(PLAY, list(written.read_bytes()))
        assert page.evaluate("[video.duration, video.videoWidth, video.videoHeight]") == [9, 1280, 1132]
        # The band under the second picture: the robot's dark blue.
        assert page.evaluate(SEEN, [7, 640, 1120]) == pytest.approx([22, 35, 63], abs=12)
    finally:
        page.close()


PLAY = """bytes => new Promise((done, failed) => {
  window.video = document.querySelector("video");
  video.onloadeddata = () => done();
  video.onerror = () => failed(video.error.message);
  video.src = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: "video/webm" }));
})"""
SEEN = """([at, x, y]) => new Promise((done) => {
  video.onseeked = () => {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const pen = canvas.getContext("2d");
    pen.drawImage(video, 0, 0);
    done([...pen.getImageData(x, y, 1, 1).data].slice(0, 3));
  };
  video.currentTime = at;
})"""
