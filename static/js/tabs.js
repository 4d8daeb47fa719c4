// The tabs of a window, as WAI-ARIA describes them. Without script they are links to parts of the
// window, which are all shown.
"use strict";

function prepareTabs(list) {
  const tabs = [...list.querySelectorAll("a")];
  list.role = "tablist";
  for (const tab of tabs) {
    const panel = panelOf(tab);
    tab.role = "tab";
    tab.parentElement.role = "presentation";
    tab.setAttribute("aria-controls", panel.id);
    panel.role = "tabpanel";
    panel.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      showTab(tab);
    });
    tab.addEventListener("keydown", (event) => moveAmong(tabs, event));
  }
  showTab(list.querySelector(".active"));
}

// Both a page and the dialog over it may have tabs.
function panelOf(tab) {
  return tab.closest(".window").querySelector(tab.hash);
}

function showTab(tab) {
  for (const each of tab.closest("[data-jasper-tabs]").querySelectorAll("a")) {
    const isShown = each === tab;
    each.classList.toggle("active", isShown);
    each.setAttribute("aria-selected", isShown);
    // Only the shown one is in the order of Tab; arrows lead to the others.
    each.tabIndex = isShown ? 0 : -1;
    panelOf(each).classList.toggle("active", isShown);
  }
}

function moveAmong(tabs, event) {
  const at = tabs.indexOf(event.target.closest("a"));
  const next = {
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    Home: 0,
    End: tabs.length - 1,
  }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  const tab = tabs.at(next % tabs.length);
  showTab(tab);
  tab.focus();
}

function showTabOf(element) {
  const pane = element.closest(".tab-pane");
  if (pane) showTab(pane.closest(".window").querySelector(`[data-jasper-tabs] a[href="#${pane.id}"]`));
}
