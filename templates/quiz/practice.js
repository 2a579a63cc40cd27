// Comfort on top of pages that work without it: echoes, an editor for code, an exam's clock; drafts.js and saving.js before.
"use strict";

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
  const draft = keepDrafts(form);
  if ("save" in form.dataset) saving(form, draft);
  if ("once" in form.dataset) sentOnce(form);
  sendByKey(form);
}
for (const box of document.querySelectorAll("[data-none]")) noneAlone(box);
for (const field of document.querySelectorAll("[data-echo]")) echo(field);
for (const area of document.querySelectorAll("[data-code]")) editor(area);
for (const place of document.querySelectorAll("[data-seconds]")) clock(place);
for (const time of document.querySelectorAll("time[datetime]")) time.textContent = clockTime(new Date(time.dateTime));
