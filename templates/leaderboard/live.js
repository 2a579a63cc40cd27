// Asks now and then whether there is another page, and shows it: at once, unless somebody is searching or selecting.
"use strict";
{
  const { refresh, tag } = document.documentElement.dataset;
  const said = document.querySelector(".live");
  const plainly = said.textContent;
  const busy = () => search.value !== "" || !getSelection().isCollapsed;
  const look = async () => {
    if (document.hidden) return;
    let answer;
    try {
      answer = await fetch(location.pathname, { method: "HEAD", cache: "no-store" });
    } catch {
      answer = null;
    }
    if (!answer?.ok) {
      said.textContent = said.dataset.lost;
    } else if (answer.headers.get("etag").includes(tag)) {
      said.textContent = plainly;
    } else if (!busy()) {
      location.reload();
    } else if (!said.querySelector("a")) {
      const link = document.createElement("a");
      link.href = "";
      link.textContent = said.dataset.show;
      said.replaceChildren(said.dataset.new + " ", link);
    }
  };
  setInterval(look, refresh * 1000);
  document.addEventListener("visibilitychange", look);
}
