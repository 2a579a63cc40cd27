// One key decides, where no field is being typed in. Pages work without it: each key presses a button that is there.
"use strict";

const SWITCH = "mockexam-review-keys";

function kept(action) {
  try { return action(window.localStorage); } catch { return null; } // private windows may have none
}

function typing(element) {
  return element.matches("textarea, select, input:not([type=checkbox], [type=radio])");
}

function press(target) {
  if (target.matches("input[type=checkbox]")) target.click();
  else if (typing(target)) { target.focus(); target.select?.(); } else target.click();
}

document.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("keys-on");
  const show = () => document.body.classList.toggle("no-keys", !!box && !box.checked);
  if (box) {
    box.checked = kept((store) => store.getItem(SWITCH)) !== "off";
    box.addEventListener("change", () => { kept((store) => store.setItem(SWITCH, box.checked ? "on" : "off")); show(); });
    show();
  }
  let sent = false;
  for (const form of document.forms) {
    // A second press before the next page stands would decide twice.
    form.addEventListener("submit", (event) => { if (sent) event.preventDefault(); sent = true; });
  }
  window.addEventListener("pageshow", (event) => { if (event.persisted) sent = false; });

  const points = document.getElementById("points");
  const lines = [...document.querySelectorAll("input[name=line]")];
  points?.addEventListener("input", () => { if (points.value.trim()) for (const line of lines) line.checked = false; });
  for (const line of lines) line.addEventListener("change", () => { if (line.checked && points) points.value = ""; });

  document.addEventListener("keydown", (event) => {
    if (!box?.checked || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
    const at = document.activeElement;
    if (event.key === "Escape" && at && typing(at)) { at.blur(); return; }
    // In a field keys are letters; on a link, a button or a box Enter and the blank do what they always do.
    if (at && typing(at)) {
      if (event.key === "Enter" && at.matches("input") && at.form) { event.preventDefault(); document.querySelector('[data-key="Enter"]')?.click(); }
      return;
    }
    if (event.key === "Enter" && at && at.matches("a, button, summary")) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    press(target);
  });
});
