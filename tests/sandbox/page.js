/*
Copyright (c) 2026, the reseller.sendgrid contributors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
*/
"use strict";

const live = document.getElementById("live");
let last;

// Rows that have not changed stay, so that a browser keeps the place of whoever is reading them.
function updateRows(list, fresh) {
  const kept = new Set(fresh.map((row) => row.innerHTML));
  for (const row of [...list.children]) {
    if (!kept.has(row.innerHTML)) row.remove();
  }
  let place = list.firstElementChild;
  for (const row of fresh) {
    if (place && place.innerHTML === row.innerHTML) {
      place = place.nextElementSibling;
    } else {
      row.className = "new";
      list.insertBefore(row, place);
    }
  }
  while (place) {
    const next = place.nextElementSibling;
    place.remove();
    place = next;
  }
}

function show(message, stopped) {
  // Only a change, because screen readers read it out.
  if (live.textContent !== message) live.textContent = message;
  live.className = stopped ? "stopped" : "";
}

async function refresh() {
  if (document.hidden) return;
  if (!getSelection().isCollapsed) return show("Waits while text is selected", false);
  try {
    const response = await fetch("/", { signal: AbortSignal.timeout(5000) });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const section of document.querySelectorAll("section")) {
      const fresh = page.getElementById(section.id);
      section.querySelector("h2").replaceWith(fresh.querySelector("h2"));
      updateRows(section.querySelector("tbody"), [...fresh.querySelector("tbody").children]);
    }
    document.querySelector("footer").replaceWith(page.querySelector("footer"));
    last = new Date().toLocaleTimeString();
    show("Live", false);
  } catch {
    show(last ? `The sandbox does not respond. This is its state at ${last}.` : "The sandbox does not respond.", true);
  }
}

async function refreshForever() {
  await refresh();
  setTimeout(refreshForever, 2000);
}

document.addEventListener("visibilitychange", refresh);
refreshForever();
