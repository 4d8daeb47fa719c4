// The guide's windows as dialogs, their tabs, and the menus. Without this file all of it still
// works, as pages.
"use strict";

const dialog = document.getElementById("dialog");

// Opening a link in a new tab must stay possible: htmx would open the dialog instead.
document.addEventListener(
  "click",
  (event) => {
    const opensElsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    if (opensElsewhere && event.target.closest("a[data-hx-get][href]")) event.stopImmediatePropagation();
  },
  true,
);

function prepare(root) {
  for (const list of root.querySelectorAll("[data-jasper-tabs]")) prepareTabs(list);
  const wrong = root.querySelector("[autofocus]") || root.querySelector('[aria-invalid="true"]');
  if (wrong) showTabOf(wrong);
  for (const family of root.querySelectorAll("[data-jasper-family]")) prepareFamily(family);
  for (const code of root.querySelectorAll("[data-jasper-copy]")) prepareCopy(code);
  for (const table of root.querySelectorAll("table.inventory")) keepTableRoles(table);
  for (const field of root.querySelectorAll('input[type="password"]')) preparePassword(field);
  for (const field of root.querySelectorAll("[data-jasper-date]")) prepareDate(field);
  return wrong;
}

// On narrow screens the rows are cards (CSS `display`), and Safari then stops announcing a table.
// The roles are set here because in the page itself they are redundant.
function keepTableRoles(table) {
  table.role = "table";
  for (const group of table.querySelectorAll("thead, tbody, tfoot")) group.role = "rowgroup";
  for (const row of table.rows) {
    row.role = "row";
    for (const cell of row.cells) {
      const headers = { col: "columnheader", row: "rowheader" };
      cell.role = headers[cell.scope] || "cell";
    }
  }
}

// The links of an error summary lead to their field, on whichever tab it is.
document.addEventListener("click", (event) => {
  const link = event.target.closest('[data-jasper-errors] a[href^="#"]');
  const field = link && document.querySelector(link.getAttribute("href"));
  if (!field) return;
  event.preventDefault();
  showTabOf(field);
  const entry = field.matches("input, textarea, select") ? field : field.querySelector("input");
  (entry || field).focus();
});

// A family's box ticks all its products, and shows when all of them are ticked.
function prepareFamily(family) {
  const whole = family.querySelector('[name="families"]');
  const products = [...family.querySelectorAll('[name="products"]')];
  const show = () => {
    whole.checked = products.every((product) => product.checked);
    whole.indeterminate = !whole.checked && products.some((product) => product.checked);
  };
  whole.addEventListener("change", () => {
    for (const product of products) product.checked = whole.checked;
  });
  for (const product of products) product.addEventListener("change", show);
  show();
}

// A code that can be copied: the button is made here, since it needs script and a secure address.
function prepareCopy(code) {
  if (!navigator.clipboard) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm btn-outline-secondary copy";
  button.textContent = code.dataset.jasperCopy;
  button.ariaLabel = code.dataset.jasperCopyLabel;
  const said = document.createElement("span");
  said.className = "copied";
  said.ariaLive = "polite";
  button.addEventListener("click", async () => {
    said.textContent = "";
    try {
      await navigator.clipboard.writeText(code.textContent.trim());
      said.textContent = code.dataset.jasperCopied;
    } catch {
      // The browser forbids it: then the keyboard can copy what is selected.
      getSelection().selectAllChildren(code);
    }
  });
  code.after(button, said);
}

// A password can be shown while it is typed; sent, and found again by *Back*, it is hidden.
function preparePassword(field) {
  const button = document.getElementById("show-password").content.firstElementChild.cloneNode(true);
  const [shows, hides] = button.children;
  const show = (isShown) => {
    field.type = isShown ? "text" : "password";
    shows.hidden = isShown;
    hides.hidden = !isShown;
  };
  button.setAttribute("aria-controls", field.id);
  button.addEventListener("click", () => show(field.type === "password"));
  field.form?.addEventListener("submit", () => show(false));
  window.addEventListener("pagehide", () => show(false));
  field.spellcheck = false;
  field.autocapitalize = "none";
  field.classList.add("can-be-shown");
  field.after(button);
}

// A date can be typed, or chosen from the browser's own calendar, which writes it as yyyy-mm-dd.
function prepareDate(field) {
  if (!HTMLInputElement.prototype.showPicker) return;
  const focused = document.activeElement === field;
  const group = document.createElement("div");
  group.className = "input-group date-choice";
  if (field.classList.contains("is-invalid")) group.classList.add("is-invalid");
  const calendar = document.createElement("input");
  calendar.type = "date";
  calendar.className = "calendar";
  calendar.tabIndex = -1;
  calendar.ariaHidden = "true";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-outline-secondary";
  const label = field.labels[0]?.firstChild.textContent.trim() || "";
  const name = document.createElement("span");
  name.className = "visually-hidden";
  name.textContent = button.title = `${field.dataset.jasperDate}: ${label}`;
  const icon = document.createElement("span");
  icon.className = "icon-calendar";
  button.append(icon, name);
  button.addEventListener("click", () => {
    calendar.value = /^\d{4}-\d\d-\d\d$/.test(field.value.trim()) ? field.value.trim() : "";
    calendar.showPicker();
  });
  calendar.addEventListener("change", () => {
    if (!calendar.value) return;
    field.value = calendar.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    button.focus();
  });
  field.replaceWith(group);
  group.append(field, button, calendar);
  if (focused) field.focus();
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== dialog) return;
  if (!dialog.open) {
    // A window that was opened from a menu leads back to the menu's button.
    closeMenus();
    dialog.showModal();
  }
  dialog.scrollTop = 0;
  const wrong = prepare(dialog);
  const title = dialog.querySelector("#window-title");
  if (title) dialog.setAttribute("aria-labelledby", title.id);
  if (wrong) {
    wrong.focus();
  } else if (title) {
    title.tabIndex = -1;
    title.focus();
  }
});

// An error page goes into the window, above what was typed, which stays.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400 || event.detail.target !== dialog) return;
  const alerts = dialog.querySelector("[data-jasper-alerts]");
  event.detail.shouldSwap = !alerts;
  if (!alerts) return;
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const error = page.querySelector("[data-jasper-error]");
  if (error) error.querySelector("a")?.parentElement.remove();
  showAlert(error ? error.textContent : xhr.statusText);
});

document.addEventListener("htmx:sendError", () => {
  showAlert(document.getElementById("connection-lost").content.textContent);
});

function showAlert(text) {
  const place = dialog.querySelector("[data-jasper-alerts]") || document.getElementById("main");
  const alert = document.createElement("p");
  alert.className = "notification alert alert-danger";
  alert.role = "alert";
  alert.textContent = text.replace(/\s+/g, " ").trim();
  place.prepend(alert);
  alert.scrollIntoView({ block: "nearest" });
}

dialog.addEventListener("click", (event) => {
  if (event.target.closest("[data-jasper-close]")) {
    event.preventDefault();
    dialog.close();
  }
});
dialog.addEventListener("close", () => {
  dialog.replaceChildren();
  dialog.removeAttribute("aria-labelledby");
});

// Menus close on Escape, on a click elsewhere, and when a window opens.
function openMenus() {
  return [...document.querySelectorAll("[data-jasper-menu][open]")];
}

function closeMenus() {
  for (const menu of openMenus()) {
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !openMenus().length) return;
  openMenus().at(-1).querySelector("summary").focus();
  closeMenus();
  event.preventDefault();
});

// Type to find: what is typed is asked for as `q`, whatever the field is named. An ended session
// leads to sign in with the next page, not while one types.
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters } = event.detail;
  if (!elt.matches("[data-jasper-find]")) return;
  for (const name of [...parameters.keys()]) parameters.delete(name);
  parameters.set("q", elt.value);
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt, xhr } = event.detail;
  if (elt.matches("[data-jasper-find]") && xhr.getResponseHeader("HX-Redirect")) {
    event.preventDefault();
  }
});

// A QR code's address has the code after "#", which no server gets. It doesn't stay in the address.
function fillCode() {
  const field = document.querySelector("[data-jasper-code]");
  const found = location.hash.match(/^#([0-9A-Z]{4,5}(?:-[0-9A-Z]{4,5})+)$/);
  if (!field || !found) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  field.value = found[1];
  field.focus();
}

// Codes that are selected: all of the page with one box, and their number.
function prepareSelection(form) {
  const boxes = [...form.querySelectorAll('[name="codes"]')];
  const head = form.querySelector("[data-jasper-select-page]");
  const all = form.querySelector('[name="what"]');
  const count = form.querySelector("[data-jasper-count]");
  const whole = document.createElement("input");
  whole.type = "checkbox";
  whole.className = "form-check-input";
  whole.ariaLabel = head.dataset.jasperSelectPage;
  const show = () => {
    const number = boxes.filter((box) => box.checked).length;
    whole.checked = number === boxes.length;
    whole.indeterminate = number > 0 && !whole.checked;
    count.textContent = number && !all?.checked ? `(${number})` : "";
  };
  whole.addEventListener("change", () => {
    for (const box of boxes) box.checked = whole.checked;
    show();
  });
  form.addEventListener("change", (event) => {
    if (event.target !== all && event.target !== whole && all) all.checked = false;
    show();
  });
  head.replaceChildren(whole);
  show();
}

const selection = document.querySelector("[data-jasper-select]");
if (selection) prepareSelection(selection);
for (const button of document.querySelectorAll("[data-jasper-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
  // Cards were asked for by the button Print Cards.
  if (button.dataset.jasperPrint === "now") addEventListener("load", () => print());
}
fillCode();
window.addEventListener("hashchange", fillCode);
// What is opened in place is also in the address, so that it can be shared and reloaded.
document.addEventListener("htmx:afterSettle", (event) => {
  const { elt, requestConfig } = event.detail;
  if (!requestConfig?.elt.matches?.(".where-toggle")) return;
  history.replaceState(null, "", requestConfig.path);
  for (const table of elt.querySelectorAll("table.inventory")) keepTableRoles(table);
});

// Shortcuts: links name their keys, such as "g i". A person can turn them off, because they get in
// the way of voice control; they never act while one types, or in a window.
let keyBefore = "";
let keyAt = 0;

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || key.length > 1) return;
  if (dialog.open || target.closest("input, textarea, select, [contenteditable]")) return;
  if (document.body.dataset.jasperNoShortcuts !== undefined) return;
  const isSecond = keyBefore && event.timeStamp - keyAt < 1500;
  const keys = isSecond ? `${keyBefore} ${key}` : key;
  [keyBefore, keyAt] = [keys === "g" ? key : "", event.timeStamp];
  const field = keys === "/" && document.querySelector("[data-jasper-search]");
  const link = document.querySelector(`[data-jasper-keys="${CSS.escape(keys)}"]`);
  if (!field && !link) return;
  event.preventDefault();
  if (field) field.select();
  else link.click();
});

// Back to a row of the page that is already open: an address that differs in its fragment only
// would not be loaded. The reloaded page stays where it was scrolled to.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const address = event.detail.xhr.getResponseHeader("HX-Redirect");
  if (!address?.includes("#")) return;
  const { pathname, search, href } = new URL(address, location.href);
  if (pathname !== location.pathname || search !== location.search) return;
  event.preventDefault();
  history.replaceState(null, "", href);
  location.reload();
});

prepare(document);
