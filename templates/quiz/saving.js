// An exam is saved while it is written: shortly after the last key, and when the page is left.
"use strict";

const KEPT_ALIVE = 60 * 1024; // bytes of a request that outlives its page; browsers allow 64 KiB
const AGAIN_MS = 5000;
const SOON_MS = 1200;

// One form of times on all pages: hours and minutes of 24, where the reader is.
function clockTime(moment) {
  return moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

// What the server answers to a save: whether it took it, and if it did not, why, and whether to send it again.
async function sendSave(form, body, leaving) {
  const whole = new URLSearchParams(body);
  whole.set("form_token", form.elements.form_token.value);
  const text = whole.toString();
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  // Only a page that goes away needs its request to outlive it, and browsers refuse that to long ones.
  const keepalive = leaving && text.length < KEPT_ALIVE;
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: text, headers, keepalive });
  } catch {
    return { lost: true, again: true, why: "the server does not answer." };
  }
  const said = await answer.json().catch(() => ({})); // a proxy answers with a page
  if (said.over || said.refused || said.bases) return { taken: !said.refused, ...said };
  const why = `${said.error || `the server answered with error ${answer.status}`}. ${said.message || ""}`.trim();
  const lost = answer.status >= 500 || answer.status === 408;
  return { lost, again: lost || answer.status === 429, why, cure: said.cure || "" };
}

// What came back from a draft waits until the student writes on, saves, or goes on from the page.
function saving(form, draft) {
  const note = form.querySelector(".saved");
  let timer = 0;
  let dirty = false;
  let busy = Promise.resolve();
  let under = false; // a save is on its way
  let gone = false; // the form itself is sent
  let waits = false; // it is sent once the save before it has its answer
  const tell = (text) => {
    note.textContent = text;
    note.classList.remove("unsaved");
  };
  const warn = (text) => {
    note.textContent = text;
    note.classList.add("unsaved");
  };
  const unsure = (bodies) => { draft.unsure = bodies; draft.keep(); };
  const post = async (body, leaving = false) => {
    const said = await sendSave(form, body, leaving);
    if (said.over) window.location.reload();
    return said;
  };
  // The form is made from what the server holds now.
  const taken = (said) => {
    for (const [label, base] of Object.entries(said.bases)) form.elements[`base-${label}`].value = base;
    unsure([]);
  };
  const failed = (said) => {
    dirty = true;
    if (said.again) {
      warn(`Not saved yet: ${said.why} What you typed is kept in this browser, and sent again.`);
      timer = setTimeout(queue, AGAIN_MS);
    } else warn(`Not saved: ${said.why} ${said.cure} What you typed is kept in this browser.`);
  };
  // A save whose answer was lost, or went to a page that was left, is sent again as it was: the server takes it if it
  // took it before, or if nothing was saved since. So what was saved from here is told from another window's.
  const settle = async () => {
    for (const body of draft.unsure) {
      const said = await post(body);
      if (said.over) return false;
      if (said.taken) { taken(said); return true; }
      if (!said.refused) { failed(said); return false; }
      unsure(draft.unsure.filter((each) => each !== body));
    }
    return true;
  };
  const send = async (leaving) => {
    // A page that goes away has time for one request.
    if (!leaving && !await settle()) return;
    dirty = false;
    const fields = new URLSearchParams(new FormData(form));
    fields.delete("form_token");
    const body = fields.toString();
    const others = draft.unsure.filter((each) => each !== body);
    unsure([...others, body]);
    const said = await post(body, leaving);
    if (said.over) return;
    if (said.taken) {
      taken(said);
      if (!dirty) draft.forget();
      tell(`Saved at ${clockTime(new Date())}.`);
      return;
    }
    if (!said.lost) unsure(others);
    if (!said.refused) failed(said);
    else if (others.length) soon();
    else warn(`Not saved: ${said.refused}`);
  };
  const alone = async (action) => {
    under = true;
    try { await action(); } finally { under = false; }
  };
  const save = async (leaving) => { if (dirty && !gone) await alone(() => send(leaving)); };
  const queue = () => { busy = busy.then(() => save(false)); };
  const leave = () => { busy = busy.then(() => save(true)); };
  const soon = () => { dirty = true; clearTimeout(timer); timer = setTimeout(queue, SOON_MS); };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    // What is on its way, or was, changes what the form is made from: it goes first.
    if (!waits && (under || draft.unsure.length)) {
      event.preventDefault();
      waits = true;
      busy = busy.then(() => alone(settle)).then(() => form.requestSubmit(event.submitter));
    } else if (waits && under) event.preventDefault();
    else gone = true;
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", () => { gone = waits = false; });
  if (draft.back) warn("Not saved yet: look at what is back, then save it or go on.");
}
