// Comfort on top of pages that work without it: drafts, echoes, an editor for code, an exam's clock and its saving.
"use strict";

const KEPT_MS = 14 * 24 * 3600 * 1000;
const PREFIX = "mockexam-draft:";
const KEPT_ALIVE = 60 * 1024; // bytes of a request that outlives its page; browsers allow 64 KiB

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

function stored(action, shelf = "localStorage") {
  try { return action(window[shelf]); } catch { return null; } // private windows may have none
}

// Where a form's draft lies: a server that keeps no record has its drafts in this window alone.
function shelfOf(form) {
  return "passing" in form.dataset ? "sessionStorage" : "localStorage";
}

function forgetDrafts(shelf, over) {
  stored((store) => {
    for (const key of Object.keys(store)) {
      if (!key.startsWith(PREFIX)) continue;
      let draft = null;
      try { draft = JSON.parse(store.getItem(key)); } catch { /* not ours any more */ }
      if (!draft || over(key, draft)) store.removeItem(key);
    }
  }, shelf);
}

function forgetOld() {
  forgetDrafts("localStorage", (key, draft) => Date.now() - draft.at > KEPT_MS);
  const here = document.querySelector("form[data-passing]")?.dataset.draft.split(".")[0];
  if (here) forgetDrafts("sessionStorage", (key) => !key.startsWith(`${PREFIX}${here}.`)); // of an earlier run
}

// What the form was made from: a step of practice, or the answers of an exam that were saved.
function baseOf(form) {
  if (form.dataset.step) return form.dataset.step.split(".")[0]; // a hint, its second half, belongs to the same try
  return [...form.querySelectorAll("[name^=base-]")].map((each) => each.value).join(".");
}

// Whether what was typed before now stands in the form again, and is not saved.
function keepDrafts(form) {
  const key = PREFIX + form.dataset.draft;
  const kept = (action) => stored(action, shelfOf(form));
  const draft = kept((store) => JSON.parse(store.getItem(key) ?? "null"));
  const keep = () => kept((store) => store.setItem(key, JSON.stringify({ at: Date.now(), base: baseOf(form), fields: fieldsOf(form) })));
  const forget = () => kept((store) => store.removeItem(key));
  let back = false;
  if (draft && JSON.stringify(draft.fields) !== JSON.stringify(fieldsOf(form))) {
    if (draft.base === baseOf(form)) {
      fill(form, draft.fields);
      const note = document.createElement("p");
      note.className = "help";
      note.textContent = "What you had typed here is back.";
      form.prepend(note);
      back = true;
    } else if ("save" in form.dataset) askWhich(form, draft, forget);
    else forget();
  }
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  form.addEventListener("keep", keep);
  form.addEventListener("forget", forget);
  return back;
}

// The answer was changed elsewhere since this was typed here: neither takes the other's place unasked.
function askWhich(form, draft, forget) {
  const box = document.createElement("section");
  box.className = "said open which";
  box.setAttribute("role", "status");
  const title = document.createElement("h2");
  title.textContent = "You had typed something else here";
  const why = document.createElement("p");
  why.textContent = "It was not saved, and the answer was changed in another window since. The fields hold what is saved. In this browser you had typed:";
  const typed = document.createElement("pre");
  typed.textContent = Object.entries(draft.fields).filter(([name]) => name.startsWith("answer-"))
    .map(([, values]) => values.join(", ")).join("\n") || "(nothing)";
  const row = document.createElement("div");
  row.className = "row";
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => { box.remove(); act(); });
    row.append(made);
  };
  button("Take what I had typed", () => {
    fill(form, draft.fields);
    form.dispatchEvent(new Event("change"));
    form.querySelector("[name^=answer-]").focus();
  });
  button("Keep what is saved", forget);
  box.append(title, why, typed, row);
  form.before(box);
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
        const body = new URLSearchParams({ form_token: field.form.elements.form_token.value, text });
        const answer = await fetch(field.dataset.echo, { method: "POST", body });
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
// What came back from a draft waits until the student writes on, saves, or goes on from the page.
function saving(form, back) {
  const note = form.querySelector(".saved");
  let timer = 0;
  let dirty = false;
  let busy = Promise.resolve();
  let under = false; // a save is on its way
  let sent = false;
  const again = (why) => {
    dirty = true;
    note.textContent = `Not saved yet: ${why} What you typed is kept in this browser, and sent again.`;
    timer = setTimeout(queue, 5000);
  };
  const save = async (leaving) => {
    if (!dirty || sent) return;
    dirty = false;
    under = true;
    const body = new URLSearchParams(new FormData(form)).toString();
    const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
    // Only a page that goes away needs its request to outlive it, and browsers refuse that to long ones.
    const keepalive = leaving && body.length < KEPT_ALIVE;
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers, keepalive });
      const said = await answer.json().catch(() => ({})); // a proxy answers with a page
      if (said.over) { window.location.reload(); return; }
      if (said.refused) { note.textContent = `Not saved: ${said.refused}`; return; }
      if (!said.bases) {
        const why = `${said.error || `the server answered with error ${answer.status}`}. ${said.message || ""}`.trim();
        if (answer.status >= 500 || [408, 429].includes(answer.status)) { again(why); return; }
        dirty = true;
        note.textContent = `Not saved: ${why} ${said.cure || ""} What you typed is kept in this browser.`;
        return;
      }
      for (const [label, base] of Object.entries(said.bases)) form.elements[`base-${label}`].value = base;
      form.dispatchEvent(new Event(dirty ? "keep" : "forget"));
      note.textContent = `Saved at ${clockTime(new Date())}.`;
    } catch {
      again("the server does not answer.");
    } finally {
      under = false;
    }
  };
  const queue = () => { busy = busy.then(() => save(false)); };
  const leave = () => { busy = busy.then(() => save(true)); };
  const soon = () => { dirty = true; clearTimeout(timer); timer = setTimeout(queue, 1200); };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (under) {
      // What is on its way changes what the form is made from: it goes first.
      event.preventDefault();
      busy.then(() => form.requestSubmit(event.submitter));
    } else sent = true;
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
  window.addEventListener("pagehide", leave);
  if (back) note.textContent = "Not saved yet: look at what is back, then save it or go on.";
}

// One form of times on all pages: hours and minutes of 24, where the reader is.
function clockTime(moment) {
  return moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

// A second click while code is run would only be told to wait.
function sentOnce(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => { sent = false; });
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

// What is wider than its box fades at the edge where it goes on, can be scrolled by keyboard, and nothing else is a
// stop of Tab.
const BOXES = ".scroll, .display, .echo, .prose :is(p, .line, pre, table)";

function more(box) {
  const wide = box.scrollWidth - box.clientWidth;
  if (wide <= 1) {
    delete box.dataset.more;
    return false;
  }
  const before = box.scrollLeft > 1;
  const after = box.scrollLeft < wide - 1;
  box.dataset.more = before && after ? "both" : before ? "before" : "after";
  return true;
}

function scrollable() {
  for (const box of document.querySelectorAll(BOXES)) {
    if (more(box)) box.tabIndex = 0;
    else if (box.tabIndex === 0) box.removeAttribute("tabindex");
  }
}

forgetOld();
scrollable();
document.addEventListener("scroll", (event) => { if (event.target.matches?.(BOXES)) more(event.target); }, true);
window.addEventListener("resize", scrollable);
window.addEventListener("load", scrollable);
for (const form of document.querySelectorAll("form[data-draft]")) {
  const back = keepDrafts(form);
  if ("save" in form.dataset) saving(form, back);
  if ("once" in form.dataset) sentOnce(form);
  sendByKey(form);
}
for (const box of document.querySelectorAll("[data-none]")) noneAlone(box);
for (const field of document.querySelectorAll("[data-echo]")) echo(field);
for (const area of document.querySelectorAll("[data-code]")) editor(area);
for (const place of document.querySelectorAll("[data-seconds]")) clock(place);
for (const time of document.querySelectorAll("time[datetime]")) time.textContent = clockTime(new Date(time.dateTime));
