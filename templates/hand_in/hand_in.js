// A receipt of something that waits: looks again now and then, and shows what has changed.
"use strict";
{
  const look = async () => {
    const here = document.querySelector(".progress[data-refresh]");
    if (!here || document.hidden) return;
    let answer;
    try {
      answer = await fetch(location.href, { cache: "no-store" });
    } catch {
      return; // the server is away; the next look may find it
    }
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(".progress");
    if (fresh && fresh.outerHTML !== here.outerHTML) {
      here.innerHTML = fresh.innerHTML;
      if (!fresh.dataset.refresh) delete here.dataset.refresh;
    }
  };
  const { refresh } = document.querySelector(".progress")?.dataset ?? {};
  if (refresh) setInterval(look, refresh * 1000);
}
