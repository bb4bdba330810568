// What the other hand draws by script: lists in the manner of Select2 v4, the search of the directory, the total.
(() => {
  const make = (tag, attributes = {}, ...inside) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...inside);
    return element;
  };

  // --- lists ---------------------------------------------------------------------------------------------------

  let opened = null;
  const close = () => { opened?.remove(); opened = null; };

  const open = (select, shown, anchor) => {
    close();
    const search = make("input", { type: "search", className: "select2-search__field", autocomplete: "off" });
    const results = make("ul", { className: "select2-results__options" });
    const draw = () => {
      const wanted = search.value.trim().toLowerCase();
      results.replaceChildren();
      for (const option of select.options) {
        if (!option.value || !option.text.toLowerCase().includes(wanted)) continue;
        const row = make("li", { className: "select2-results__option", textContent: option.text });
        row.addEventListener("mousedown", (event) => {
          event.preventDefault();
          select.value = option.value;
          shown.textContent = option.text;
          select.dispatchEvent(new Event("change", { bubbles: true }));
          close();
        });
        results.append(row);
      }
      if (!results.children.length) results.append(make("li", { className: "vide", textContent: "Aucun choix" }));
    };
    search.addEventListener("input", draw);
    opened = make("span", { className: "select2-container select2-container--open" },
      make("span", { className: "select2-dropdown" }, make("span", { className: "select2-search" }, search), results));
    const box = anchor.getBoundingClientRect();
    opened.style.cssText = `position:absolute;left:${box.left + scrollX}px;top:${box.bottom + scrollY}px;width:${box.width}px`;
    document.body.append(opened);
    draw();
    search.focus();
  };

  for (const select of document.querySelectorAll("select.dessinee")) {
    const shown = make("span", { className: "select2-selection__rendered", textContent: select.selectedOptions[0]?.text || "" });
    const selection = make("span", { className: "select2-selection select2-selection--single", tabIndex: 0 },
      shown, make("span", { className: "select2-selection__arrow" }));
    select.classList.add("select2-hidden-accessible");
    select.tabIndex = -1;
    select.after(make("span", { className: "select2 select2-container" }, selection));
    if (select.disabled) {
      selection.tabIndex = -1;
      selection.setAttribute("aria-disabled", "true");
      continue;
    }
    selection.addEventListener("click", (event) => {
      event.stopPropagation();
      open(select, shown, selection);
    });
  }
  document.addEventListener("click", (event) => { if (opened && !opened.contains(event.target)) close(); });

  // --- directory -----------------------------------------------------------------------------------------------

  const askDirectory = (siret, designation) => {
    const identifier = make("input", { type: "text", value: siret.value });
    const answer = make("div");
    const veil = make("div", { className: "voile" });
    const search = async () => {
      const rows = await (await fetch(`/cpp/rechercheStructure?identifiant=${encodeURIComponent(identifier.value)}`)).json();
      if (!rows.length) return answer.replaceChildren(make("p", { textContent: "La recherche n'a retourné aucun résultat" }));
      const table = make("table", { className: "tb" });
      table.append(make("tr", {}, ...["", "SIRET", "Désignation", "Adresse"].map((word) => make("th", { textContent: word }))));
      rows.forEach((row) => {
        const radio = make("input", { type: "radio", name: "structureTrouvee" });
        radio.structure = row;
        table.append(make("tr", {}, make("td", {}, radio), ...[row.siret, row.name, row.address].map((text) => make("td", { textContent: text }))));
      });
      answer.replaceChildren(table);
    };
    const take = () => {
      const chosen = [...answer.querySelectorAll("input")].find((radio) => radio.checked);
      if (!chosen) return;
      siret.value = chosen.structure.siret;
      designation.textContent = `${chosen.structure.name}, ${chosen.structure.address}`;
      for (const field of ["service", "engagement"]) {
        const words = document.querySelector(`[data-mot=${field}]`);
        words.textContent = (chosen.structure.required.includes(field) ? "* " : "") + words.textContent.replace(/^\* /, "");
      }
      veil.remove();
    };
    const button = (value, act, light) => {
      const input = make("input", { type: "button", className: light ? "btn clair" : "btn", value });
      input.addEventListener("click", act);
      return input;
    };
    veil.append(make("div", { className: "boite" },
      make("div", { className: "pnTitre", textContent: "Recherche d'une structure" }),
      make("table", { className: "tb" }, make("tr", {}, make("td", { className: "lb", textContent: "Identifiant" }),
        make("td", {}, identifier, " ", button("Rechercher", search, true)))),
      answer,
      make("div", { className: "actions" }, button("Fermer", () => veil.remove(), true), button("Sélectionner", take))));
    document.body.append(veil);
    identifier.focus();
  };

  for (const button of document.querySelectorAll("[data-annuaire]")) {
    const cell = button.parentElement;
    button.addEventListener("click", () => askDirectory(cell.querySelector("[data-siret]"), cell.querySelector("[data-designation]")));
  }

  // --- total ---------------------------------------------------------------------------------------------------

  const field = (name) => document.querySelector(`[data-montant=${name}]`);
  const cents = (text) => {
    const digits = text.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
    return /^-?\d+(\.\d{1,2})?$/.test(digits) ? Math.round(parseFloat(digits) * 100) : NaN;
  };
  const add = () => {
    const total = cents(field("ht").value) + cents(field("tva").value);
    if (!Number.isNaN(total)) field("ttc").value = (total / 100).toLocaleString("fr-FR", { minimumFractionDigits: 2 });
  };
  if (field("ttc")) for (const name of ["ht", "tva"]) field(name).addEventListener("input", add);
})();
