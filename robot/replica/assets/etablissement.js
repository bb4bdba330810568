// Fills the name and address of a structure once its SIRET is typed, from the register. Serves forms of the server and
// forms drawn later by portail.js. All stays editable, but for what the holder keeps to himself.
(() => {
  const MASKED = "Non diffusible";
  const formOf = (event) => {
    const form = event.target.form;
    return form?.dataset.etablissement && form.dataset.declencheur === event.type && event.target.name === form.dataset.identifiant
      ? form : null;
  };

  const tell = (form, message, wrong) => {
    const place = form.querySelector("[data-reponse]");
    place.hidden = !message;
    place.textContent = message;
    place.classList.toggle("erreur-champ", Boolean(wrong));
  };

  const fill = async (event) => {
    const form = formOf(event);
    const siret = event.target.value.replace(/[\s.]/g, "");
    if (!form || siret.length !== 14 || siret === form.dataset.rempli) return;
    form.dataset.rempli = siret;
    tell(form, "Recherche dans la base INSEE…");
    const answer = await (await fetch(`${form.dataset.etablissement}?siret=${encodeURIComponent(siret)}`)).json();
    if (form.dataset.rempli !== siret) return;
    for (const [name, value] of Object.entries(answer.values)) {
      const field = form.elements[name];
      field.value = value;
      field.readOnly = answer.masked.includes(name);
      field.placeholder = field.readOnly ? MASKED : "";
    }
    tell(form, answer.message, answer.refused);
  };

  document.addEventListener("input", fill);
  document.addEventListener("change", fill);
})();
