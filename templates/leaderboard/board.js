// What the page can do without, and does better with: a search, sorting, and the tab that is shown told to screen readers.
"use strict";
const boards = [...document.querySelectorAll(".board")];
const rowsOf = (board) => [...board.querySelectorAll("tbody tr")];

const tools = document.querySelector(".tools");
const search = document.querySelector("#search");
const found = document.querySelector(".tools output");
const plain = (text) => text.normalize("NFKC").toLowerCase();
function filter() {
  const wanted = plain(search.value.trim());
  for (const board of boards) {
    for (const row of rowsOf(board)) {
      row.hidden = !plain(row.querySelector("bdi").textContent).includes(wanted);
    }
  }
  count(wanted);
}
function shownBoard() {
  return boards.find((board) => "#" + board.id === location.hash) ?? boards[0];
}
function count(wanted) {
  const left = rowsOf(shownBoard()).filter((row) => !row.hidden).length;
  found.textContent = wanted ? (left === 1 ? "1 user" : left + " users") : "";
}
tools.hidden = !document.querySelector("tbody");
search.addEventListener("input", filter);

const keys = [
  (row) => Number.parseInt(row.cells[0].textContent.slice(1), 10),
  (row) => row.querySelector("bdi").textContent,
  (row) => row.querySelector("time").dateTime,
  (row) => Number.parseFloat(row.cells[3].textContent),
  (row) => row.cells[4].textContent.trim(),
];
function compare(a, b) {
  return typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
}
for (const board of boards) {
  const heads = [...board.querySelectorAll("thead th")];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    if (column === 0) head.setAttribute("aria-sort", "ascending");
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const sorted = rowsOf(board).map((row) => [keys[column](row), keys[0](row), row]);
      sorted.sort((a, b) => (up ? 1 : -1) * compare(a[0], b[0]) || a[1] - b[1]);
      board.querySelector("tbody").append(...sorted.map((each) => each[2]));
    });
  });
}

function mark() {
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === "#" + shownBoard().id) {
      link.setAttribute("aria-current", "page");
      // On a phone the tabs are a strip that is wider than the page.
      const strip = link.parentElement;
      strip.scrollLeft = link.offsetLeft - strip.offsetLeft - (strip.clientWidth - link.offsetWidth) / 2;
    } else link.removeAttribute("aria-current");
  }
  count(search.value.trim());
}
addEventListener("hashchange", mark);
if (boards.length) mark();
