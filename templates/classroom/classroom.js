// The instructor's pages keep up to date by themselves, unless somebody is at a form or the page is not looked at.
"use strict";

for (const words of document.querySelectorAll("[data-reload]")) {
  const seconds = Number(words.dataset.reload);
  words.textContent = `The page reloads every ${seconds} seconds.`;
  setInterval(() => {
    const busy = document.activeElement?.closest("form, .table");
    if (!document.hidden && !busy) window.location.reload();
  }, 1000 * seconds);
}
