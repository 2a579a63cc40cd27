// Comfort on top of pages that work without it: drafts, echoes, an editor for code, an exam's clock and its saving.
"use strict";

const KEPT_MS = 14 * 24 * 3600 * 1000;
const PREFIX = "mockexam-draft:";

// What is typed and not sent yet is kept in this browser: a reload, a crash or a lost server loses nothing.
function fieldsOf(form) {
  const found = {};
  for (const element of form.elements) {
    if (!element.name || element.type === "hidden" || element.tagName === "BUTTON") continue;
    const box = element.type === "checkbox" || element.type === "radio";
    if (box ? !element.checked : element.value === "") continue;
    (found[element.name] ||= []).push(element.value);
  }
  return found;
}

function fill(form, fields) {
  for (const element of form.elements) {
    if (!element.name || element.type === "hidden" || element.tagName === "BUTTON") continue;
    const values = fields[element.name] || [];
    if (element.type === "checkbox" || element.type === "radio") element.checked = values.includes(element.value);
    else element.value = values[0] ?? "";
  }
}

function stored(action) {
  try { return action(window.localStorage); } catch { return null; } // private windows may have none
}

function forgetOld() {
  stored((store) => {
    for (const key of Object.keys(store)) {
      if (!key.startsWith(PREFIX)) continue;
      let draft = null;
      try { draft = JSON.parse(store.getItem(key)); } catch { /* not ours any more */ }
      if (!draft || Date.now() - draft.at > KEPT_MS) store.removeItem(key);
    }
  });
}

function keepDrafts(form) {
  const key = PREFIX + form.dataset.draft;
  const base = form.dataset.step ?? [...form.querySelectorAll("[name^=base-]")].map((each) => each.value).join(".");
  const shown = JSON.stringify(fieldsOf(form));
  const draft = stored((store) => JSON.parse(store.getItem(key) ?? "null"));
  // A hint changes the second half of a step; what was typed before it still belongs to the same try.
  const turn = (step) => String(step).split(".")[0];
  const same = draft && (form.dataset.step ? turn(draft.base) === turn(base) : true);
  if (same && JSON.stringify(draft.fields) !== shown) {
    fill(form, draft.fields);
    const note = document.createElement("p");
    note.className = "help";
    note.textContent = "What you had typed here is back.";
    form.prepend(note);
  } else if (draft && !same) stored((store) => store.removeItem(key));
  const keep = () => stored((store) => store.setItem(key, JSON.stringify({ at: Date.now(), base, fields: fieldsOf(form) })));
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("forget", () => stored((store) => store.removeItem(key)));
  return same;
}

// "None of them" goes with no other box.
function noneAlone(box) {
  const others = [...box.form.elements].filter((each) => each.name === box.name && each !== box);
  box.addEventListener("change", () => { if (box.checked) for (const each of others) each.checked = false; });
  for (const each of others) each.addEventListener("change", () => { if (each.checked) box.checked = false; });
}

function echo(field) {
  const place = field.parentElement.querySelector(":scope > .echo") ?? field.form.querySelector(".echo");
  let wanted = 0;
  let timer = 0;
  const show = async () => {
    const asked = ++wanted;
    const text = field.value;
    let said = { text: "", fault: "", html: "" };
    if (text.trim()) {
      try {
        const answer = await fetch(`${field.dataset.echo}?text=${encodeURIComponent(text)}`);
        if (answer.ok) said = await answer.json();
      } catch { /* without the server nothing is shown */ }
    }
    if (asked !== wanted) return;
    place.replaceChildren();
    place.hidden = !(said.text || said.fault);
    if (said.fault) {
      const fault = document.createElement("span");
      fault.className = "fault";
      fault.textContent = `cannot be read yet: ${said.fault}`;
      place.append(fault);
    } else if (said.text) {
      place.append("read as ");
      if (said.html) place.insertAdjacentHTML("beforeend", said.html);
      else place.append(said.text);
    }
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, 350); });
  if (field.value) show();
}

// Tab indents, Enter keeps the indentation, Escape lets the next Tab leave.
function editor(area) {
  const frame = document.createElement("div");
  frame.className = "editor";
  const numbers = document.createElement("div");
  numbers.className = "numbers";
  numbers.setAttribute("aria-hidden", "true");
  area.before(frame);
  frame.append(numbers, area);
  const count = () => {
    const lines = Math.max(area.value.split("\n").length, area.rows);
    numbers.textContent = Array.from({ length: lines }, (_, line) => line + 1).join("\n");
    numbers.scrollTop = area.scrollTop;
  };
  const size = () => { numbers.style.height = `${area.offsetHeight}px`; };
  let leaving = false;
  const put = (text) => {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { leaving = true; return; }
    if (event.key === "Tab" && !leaving && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
      if (event.shiftKey) {
        const blanks = /^ {1,4}/.exec(area.value.slice(start));
        if (blanks) {
          const at = Math.max(area.selectionStart - blanks[0].length, start);
          area.setRangeText("", start, start + blanks[0].length, "preserve");
          area.setSelectionRange(at, at);
          area.dispatchEvent(new Event("input", { bubbles: true }));
        }
      } else put(" ".repeat(4 - ((area.selectionStart - start) % 4)));
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
      const line = area.value.slice(start, area.selectionStart);
      const deeper = line.trimEnd().endsWith(":") ? "    " : "";
      event.preventDefault();
      put(`\n${/^\s*/.exec(line)[0]}${deeper}`);
    }
    leaving = false;
  });
  area.addEventListener("input", count);
  area.addEventListener("scroll", () => { numbers.scrollTop = area.scrollTop; });
  new ResizeObserver(size).observe(area);
  count();
}

// Ctrl+Enter sends from a field of several lines.
function sendByKey(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.tagName === "TEXTAREA") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.main"));
    }
  });
}

// An exam is saved while it is written: shortly after the last key, and when the page is left.
function saving(form, unsaved) {
  const note = form.querySelector(".saved");
  let timer = 0;
  let dirty = unsaved;
  let busy = Promise.resolve();
  const save = async () => {
    if (!dirty) return;
    dirty = false;
    const data = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { accept: "application/json" }, keepalive: true });
      const said = await answer.json();
      if (said.over) { window.location.reload(); return; }
      if (said.refused) { note.textContent = `Not saved: ${said.refused}`; return; }
      for (const [label, base] of Object.entries(said.bases)) form.elements[`base-${label}`].value = base;
      if (!dirty) form.dispatchEvent(new Event("forget"));
      note.textContent = `Saved at ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}.`;
    } catch {
      dirty = true;
      note.textContent = "Not saved yet: the server does not answer. What you typed is kept in this browser.";
      timer = setTimeout(queue, 5000);
    }
  };
  const queue = () => { busy = busy.then(save); };
  const soon = () => { dirty = true; clearTimeout(timer); timer = setTimeout(queue, 1200); };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", () => { dirty = false; clearTimeout(timer); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) queue(); });
  window.addEventListener("pagehide", queue);
  if (unsaved) queue();
}

function clock(place) {
  const ends = Date.now() + 1000 * Number(place.dataset.seconds);
  const words = place.querySelector("span");
  const hide = place.querySelector("[data-hide]");
  let hidden = stored((store) => store.getItem("mockexam-clock")) === "hidden";
  const show = () => {
    const left = Math.max(0, Math.ceil((ends - Date.now()) / 60000));
    words.textContent = hidden ? "" : `${left} min left`;
    hide.textContent = hidden ? "show the time" : "hide";
    if (Date.now() > ends + 500) window.location.assign(place.dataset.over);
  };
  hide.hidden = false;
  hide.addEventListener("click", () => {
    hidden = !hidden;
    stored((store) => store.setItem("mockexam-clock", hidden ? "hidden" : "shown"));
    show();
  });
  show();
  setInterval(show, 1000);
}

// What is wider than its box can be scrolled by keyboard, and nothing else is a stop of Tab.
function scrollable() {
  for (const box of document.querySelectorAll(".scroll, .display, .prose :is(p, li, pre, table)")) {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else if (box.tabIndex === 0) box.removeAttribute("tabindex");
  }
}

forgetOld();
scrollable();
window.addEventListener("resize", scrollable);
window.addEventListener("load", scrollable);
for (const form of document.querySelectorAll("form[data-draft]")) {
  const back = keepDrafts(form);
  if ("save" in form.dataset) saving(form, Boolean(back));
  sendByKey(form);
}
for (const box of document.querySelectorAll("[data-none]")) noneAlone(box);
for (const field of document.querySelectorAll("[data-echo]")) echo(field);
for (const area of document.querySelectorAll("[data-code]")) editor(area);
for (const place of document.querySelectorAll("[data-seconds]")) clock(place);
