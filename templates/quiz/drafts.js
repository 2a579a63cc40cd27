// What is typed and not sent yet is kept in this browser: a reload, a crash or a lost server loses nothing.
"use strict";

const KEPT_MS = 14 * 24 * 3600 * 1000;
const PREFIX = "mockexam-draft:";

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

// The same, but for blanks around a text, which are not saved.
function sameFields(one, other) {
  const bare = (fields) => JSON.stringify(Object.entries(fields)
    .map(([name, values]) => [name, values.map((value) => value.trim().replaceAll("\r\n", "\n")).filter(Boolean)])
    .filter(([, values]) => values.length).sort());
  return bare(one) === bare(other);
}

// The fields of a save, as fieldsOf tells those of its form.
function fieldsIn(body) {
  const found = {};
  for (const [name, value] of new URLSearchParams(body)) if (!name.startsWith("base-")) (found[name] ||= []).push(value);
  return found;
}

// What was typed before now is filled in again where nothing else was saved since; `back` is whether it was.
// `unsure` are saves that left a page of this form, and of which no answer says whether they were taken.
function keepDrafts(form) {
  const key = PREFIX + form.dataset.draft;
  const kept = (action) => stored(action, shelfOf(form));
  const found = kept((store) => JSON.parse(store.getItem(key) ?? "null"));
  const draft = {
    back: false,
    unsure: found?.unsure ?? [],
    keep: () => kept((store) => store.setItem(key, JSON.stringify(
      { at: Date.now(), base: baseOf(form), fields: fieldsOf(form), unsure: draft.unsure }))),
    forget: () => kept((store) => store.removeItem(key)),
  };
  const shown = fieldsOf(form);
  let fits = found?.base === baseOf(form);
  if (found && !fits) {
    // What is saved may have come from here, and its answer went to a page that was left: what was typed went on from it.
    fits = draft.unsure.some((body) => sameFields(fieldsIn(body), shown));
    draft.unsure = [];
  }
  if (found && sameFields(found.fields, shown)) fill(form, found.fields); // with its blanks
  else if (found) {
    if (fits) {
      fill(form, found.fields);
      const note = document.createElement("p");
      note.className = "help";
      note.textContent = "What you had typed here is back.";
      form.prepend(note);
      draft.back = true;
    } else if ("save" in form.dataset) askWhich(form, found, draft.forget);
    else draft.forget();
  }
  form.addEventListener("input", draft.keep);
  form.addEventListener("change", draft.keep);
  return draft;
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
