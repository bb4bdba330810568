// Draws a page of the portal home after it has loaded, from a JSON description, as the real one does. A button of a form
// posts it and draws what comes back in place of the page: no document is loaded.
(async () => {
  const make = (tag, attributes = {}, ...inside) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...inside);
    return element;
  };
  const page = document.getElementById("page");
  const account = document.getElementById("compte");

  // --- header --------------------------------------------------------------------------------------------------

  const drawMenu = (person) => {
    const list = make("ul", { className: "menu", hidden: true });
    for (const { text, href } of person.menu) list.append(make("li", {}, make("a", { href, textContent: text })));
    const button = make("button", { type: "button", className: "personne", textContent: person.name });
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-haspopup", "true");
    button.addEventListener("click", () => {
      list.hidden = !list.hidden;
      button.setAttribute("aria-expanded", String(!list.hidden));
    });
    account.replaceChildren(button, list);
  };

  const drawDoors = () => {
    account.replaceChildren(
      make("a", { className: "bouton secondaire", href: "/aife_csm/inscription", textContent: "Créer un compte" }),
      make("a", { className: "bouton", href: "/aife_csm/connexion", textContent: "Se connecter" }),
    );
  };

  // --- pieces of a page ----------------------------------------------------------------------------------------

  const drawCard = ({ title, text, action, href, newTab }) => {
    const link = make("a", { className: "bouton", href, textContent: action });
    if (newTab) link.target = "_blank";
    return make("section", { className: "carte" }, make("h2", { textContent: title }), make("p", { textContent: text }), link);
  };

  const drawLink = ({ text, href }) => make("a", { className: "bouton", href, textContent: text });

  const drawCell = (cell) => make("td", { className: /^[\d/]+$/.test(cell) ? "nombre" : "" }, cell);

  const drawTable = ({ columns, rows }) => {
    const head = make("tr", {}, ...columns.map((column) => make("th", { scope: "col", textContent: column })));
    const body = rows.map((cells) => make("tr", {}, ...cells.map(drawCell)));
    return make("table", { className: "liste mots" }, make("thead", {}, head), make("tbody", {}, ...body));
  };

  // --- forms ---------------------------------------------------------------------------------------------------

  const drawControl = ({ id, name, type, value, options, required, error }) => {
    let control;
    if (type === "select") {
      control = make("select", { id, name });
      if (!options.some(([code]) => code === value)) control.append(make("option", { value: "" }));
      for (const [code, word] of options) control.append(make("option", { value: code, textContent: word, selected: code === value }));
    } else if (type === "checkbox") {
      control = make("input", { type, id, name, value: "OUI", checked: Boolean(value) });
    } else {
      control = make("input", { type, id, name, value, autocomplete: "off" });
    }
    if (required) control.setAttribute("aria-required", "true");
    if (error) control.setAttribute("aria-invalid", "true");
    return control;
  };

  const star = (required) => (required ? [make("span", { className: "requis", ariaHidden: "true", textContent: "* " })] : []);
  const complaint = (error) => (error ? [make("p", { className: "erreur-champ", textContent: error })] : []);

  const drawRadios = ({ id, name, label, value, options, required, error }) =>
    make("fieldset", { className: "champ large" }, make("legend", {}, ...star(required), label),
      ...options.map(([code, word]) => make("label", { className: "radio" },
        make("input", { type: "radio", name, id: `${id}_${code}`, value: code, checked: code === value }), ` ${word}`)),
      ...complaint(error));

  const drawField = (field) => {
    if (field.type === "radio") return drawRadios(field);
    const label = make("label", { htmlFor: field.id }, ...star(field.required), field.label);
    const control = drawControl(field);
    const inside = field.type === "checkbox" ? [control, label] : [label, control];
    return make("div", { className: field.type === "checkbox" ? "champ case" : "champ" }, ...inside, ...complaint(field.error));
  };

  // The other hand: words in one cell, the control in the next, nothing that ties them.
  const drawRow = (field) => make("tr", {},
    make("td", { className: "lb", textContent: `${field.required ? "* " : ""}${field.label}` }),
    make("td", { className: "vl" }, drawControl(field), ...complaint(field.error)));

  const drawButton = ({ name, text }, isLoose) => isLoose
    ? make("input", { type: "submit", className: "btn", name, value: text })
    : make("button", { type: "submit", className: "bouton", name, textContent: text });

  const drawChoices = ({ name, columns, rows }, isLoose) => drawTable({
    columns,
    rows: rows.map(([value, ...rest]) => {
      const radio = make("input", { type: "radio", name, value });
      if (!isLoose) radio.setAttribute("aria-label", [value, ...rest].join(" "));
      return [radio, value, ...rest];
    }),
  });

  const drawBlock = ({ title, fields, status, text, choices, buttons, links, hasAnswer }, isLoose) => {
    const section = make("section", { className: "bloc" }, make("h2", { textContent: title }));
    if (fields) section.append(isLoose
      ? make("table", { className: "tb" }, ...fields.map(drawRow))
      : make("div", { className: "grille" }, ...fields.map(drawField)));
    if (choices) section.append(drawChoices(choices, isLoose));
    if (status) section.append(Object.assign(make("p", { textContent: status }), { role: "status" }));
    if (text) section.append(make("p", { className: "aide", textContent: text }));
    if (hasAnswer) {
      const answer = make("p", { className: "aide", hidden: true });
      answer.dataset.reponse = "";
      answer.setAttribute("role", "status");
      section.append(answer);
    }
    const actions = [...(links || []).map(drawLink), ...(buttons || []).map((button) => drawButton(button, isLoose))];
    if (actions.length) section.append(make("div", { className: "actions" }, ...actions));
    return section;
  };

  const drawForm = ({ isLoose, blocks, buttons, business }) => {
    const form = make("form", { noValidate: true }, ...blocks.map((block) => drawBlock(block, isLoose)));
    if (buttons) form.append(make("div", { className: "actions" }, ...buttons.map((button) => drawButton(button, isLoose))));
    if (business) Object.assign(form.dataset, { etablissement: business.address, identifiant: business.identifier, declencheur: business.trigger });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const values = new URLSearchParams(new FormData(form, event.submitter));
      for (const button of form.querySelectorAll("[type=submit]")) button.disabled = true;
      show({ method: "POST", body: values });
    });
    return form;
  };

  // --- window --------------------------------------------------------------------------------------------------

  const openWindow = ({ title, text, links, close }) => {
    const heading = make("h2", { textContent: title, id: "titre-fenetre", tabIndex: -1, autofocus: true });
    const button = close.isCross
      ? make("button", { type: "button", className: "fermer", textContent: "×", ariaLabel: close.text })
      : make("button", { type: "button", className: "bouton secondaire", textContent: close.text });
    const dialog = make("dialog", { className: "fenetre" },
      make("div", { className: "fenetre-titre" }, heading, ...(close.isCross ? [button] : [])),
      make("div", { className: "fenetre-corps" }, make("p", { textContent: text }),
        make("div", { className: "actions" }, ...(close.isCross ? [] : [button]), ...links.map(drawLink))));
    dialog.setAttribute("aria-labelledby", heading.id);
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    button.addEventListener("click", async () => {
      await fetch(close.href, { method: "POST" });
      dialog.remove();
    });
    page.append(dialog);
    dialog.showModal();
  };

  // --- the page ------------------------------------------------------------------------------------------------

  const draw = (facts) => {
    page.replaceChildren(make("h1", { textContent: facts.title }));
    if (facts.notice) page.append(Object.assign(make("p", { className: "succes", textContent: facts.notice }), { role: "status" }));
    if (facts.faults.length) {
      const list = make("ul", {}, ...facts.faults.map((sentence) => make("li", { textContent: sentence })));
      page.append(Object.assign(make("div", { className: "alerte" }, list), { role: "alert" }));
    }
    if (facts.text) page.append(make("p", { textContent: facts.text }));
    if (facts.lines.length) {
      const list = make("ul", { className: "bloc simple" });
      for (const line of facts.lines) list.append(make("li", { textContent: line }));
      page.append(list);
    }
    if (facts.cards.length) page.append(make("div", { className: "cartes" }, ...facts.cards.map(drawCard)));
    if (facts.table) page.append(drawTable(facts.table));
    if (facts.form) page.append(drawForm(facts.form));
    if (facts.training) {
      const link = make("a", { href: facts.training, target: "_blank", rel: "noopener", textContent: "répondez vous-même" });
      page.append(make("p", { className: "aide" }, "Sur cette réplique, ", link, " à la place du gestionnaire."));
    }
    if (facts.actions.length) page.append(make("div", { className: "actions" }, ...facts.actions.map(drawLink)));
    if (facts.back) page.append(make("p", {}, make("a", { href: facts.back, textContent: facts.backText || "Retour à l'accueil" })));
    if (facts.person) drawMenu(facts.person);
    else drawDoors();
    if (facts.window) openWindow(facts.window);
  };

  const show = async (request) => {
    const facts = await (await fetch(page.dataset.description, request)).json();
    if (facts.address) {
      history.pushState(null, "", facts.address);
      page.dataset.description = `/aife_csm/api/page${new URL(facts.address, location.href).search}`;
    }
    draw(facts);
  };

  await show();
})();
