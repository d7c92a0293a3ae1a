/* Parts of pages that stay up to date: <div data-refresh="URL" data-seconds="10">.
 * Nothing is asked while nobody looks, and nothing is replaced under the keyboard's focus or
 * a selection. When the session is over, what is shown stays and says so. */
"use strict";

function keepUpToDate(part) {
  const seconds = Number(part.dataset.seconds) || 10;

  function inUse() {
    const selection = document.getSelection();
    const selects = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
    return part.contains(document.activeElement) || selects;
  }

  async function refresh() {
    if (document.hidden || inUse()) return;
    let answer;
    try {
      answer = await fetch(part.dataset.refresh, { redirect: "manual" });
    } catch {
      return; // the server is being restarted, say: the next time
    }
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      clearInterval(timer);
      part.classList.add("pv-stale");
      return;
    }
    if (!answer.ok) return;
    const text = await answer.text();
    if (!inUse()) part.innerHTML = text;
  }

  const timer = setInterval(refresh, seconds * 1000);
  document.addEventListener("visibilitychange", refresh);
}

document.querySelectorAll("[data-refresh]").forEach(keepUpToDate);
