// Keys for the console. Everything works without this file; it only saves the hand a way to the mouse.
(() => {
  "use strict";
  const search = document.getElementById("search");
  const keys = document.getElementById("keys");
  let goes = false;
  // A scanner types faster than any hand, and ends with Enter.
  const FASTER_THAN_A_HAND_MS = 50, SHORTEST_SCAN = 4;
  let scanned = "", typedAt = 0;

  const rows = () => Array.from(document.querySelectorAll("a[data-row]"));
  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

  function step(by) {
    const all = rows();
    if (!all.length) return;
    const next = Math.min(Math.max(all.indexOf(document.activeElement) + by, 0), all.length - 1);
    all[next].focus();
  }

  function go(letter) {
    const entry = document.querySelector(`a[data-go="${CSS.escape(letter)}"]`);
    if (entry) entry.click();
  }

  // What is scanned while nothing is typed is looked for, wherever that is.
  function heard(event) {
    if (event.repeat) return false;
    const isFast = event.timeStamp - typedAt < FASTER_THAN_A_HAND_MS;
    typedAt = event.timeStamp;
    if (event.key === "Enter" && isFast && scanned.length >= SHORTEST_SCAN && search) {
      event.preventDefault();
      search.value = scanned;
      search.form.requestSubmit();
    }
    if (event.key.length === 1) scanned = isFast ? scanned + event.key : event.key;
    return isFast && scanned.length > 1;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || (keys && keys.open)) return;
    if (heard(event) && !goes) return;
    if (goes) {
      goes = false;
      go(event.key);
      return;
    }
    const acts = {
      "/": () => search && search.focus(),
      j: () => step(1),
      k: () => step(-1),
      g: () => { goes = true; },
      "?": () => keys && keys.showModal(),
    };
    if (Object.hasOwn(acts, event.key)) {
      event.preventDefault();
      acts[event.key]();
    }
  });

  // What was not done is read first.
  const refusal = document.querySelector("[data-focus]");
  if (refusal) refusal.focus();

  // When labels have come, what can be done is asked for again, but never under the fingers of somebody who types.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id === "acts" && event.target.contains(document.activeElement) && isTyping(document.activeElement)) {
      event.preventDefault();
    }
  });
})();
