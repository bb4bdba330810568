// Windows, file choosers and folding panels of the invoicing pages. Pages work on a reload of each step: nothing is
// decided here.
(() => {
  // A window drawn by the server becomes a real modal one; leaving it goes through its buttons.
  for (const fenetre of document.querySelectorAll("dialog[open]")) {
    fenetre.removeAttribute("open");
    fenetre.showModal();
    fenetre.addEventListener("cancel", (event) => event.preventDefault());
  }

  for (const bouton of document.querySelectorAll("[data-target]")) {
    bouton.addEventListener("click", () => {
      const corps = document.querySelector(bouton.dataset.target);
      corps.hidden = !corps.hidden;
      bouton.setAttribute("aria-expanded", String(!corps.hidden));
    });
  }

  // The format is told at once; the file itself goes with the form.
  const detecter = async (zone, fichier) => {
    const format = zone.closest("form").querySelector("[data-format]");
    if (!format) return;
    format.hidden = false;
    format.className = "format";
    format.textContent = "Lecture du fichier…";
    const envoi = new FormData();
    envoi.append("fichier", fichier);
    const reponse = await (await fetch("/cpp/formatFichier", { method: "POST", body: envoi })).json();
    format.textContent = reponse.refusal || "Format détecté : ";
    if (reponse.refusal) format.className = "format erreur-champ";
    else format.append(Object.assign(document.createElement("strong"), { textContent: reponse.format }));
  };

  for (const zone of document.querySelectorAll("[data-fichier]")) {
    const saisie = zone.querySelector("input[type=file]");
    const nom = zone.querySelector("[data-nom]");
    for (const bouton of zone.querySelectorAll("[data-choisir]")) bouton.addEventListener("click", () => saisie.click());
    saisie.addEventListener("change", () => {
      const fichier = saisie.files[0];
      if ("value" in nom) nom.value = fichier ? fichier.name : "";
      else nom.textContent = fichier ? fichier.name : "";
      if (fichier) detecter(zone, fichier);
    });
  }
})();
