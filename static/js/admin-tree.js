// The tree of organizations is opened to its first level.
"use strict";

addEventListener("load", () => {
  const rows = document.querySelectorAll("#result_list tbody tr");
  if (rows.length === 1) rows[0].querySelector("a.treebeard-collapsed")?.click();
});
