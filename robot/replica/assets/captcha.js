// « Another image », without losing what was typed in the form.
for (const lien of document.querySelectorAll("[data-autre-image]")) {
  lien.addEventListener("click", async (event) => {
    event.preventDefault();
    await fetch(lien.href, { method: "POST" });
    const image = document.getElementById(lien.dataset.autreImage);
    image.src = `${lien.getAttribute("href")}?${Date.now()}`;
  });
}
