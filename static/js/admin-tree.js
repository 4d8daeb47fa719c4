// The tree of organizations is opened to its first level, after treebeard has prepared it: jQuery
// calls those that wait for the page in the order in which they began to wait.
"use strict";

function openFirst() {
  const rows = document.querySelectorAll("#result_list tbody tr");
  if (rows.length === 1) rows[0].querySelector("a.treebeard-collapsed")?.click();
}

addEventListener("load", () => django.jQuery(openFirst));
