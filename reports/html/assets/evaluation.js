"use strict";
(() => {
  const rows = Array.from(document.querySelectorAll("#instances tbody"));
  const text = document.getElementById("text");
  const outcome = document.getElementById("outcome");
  const run = document.getElementById("run");
  const shown = document.getElementById("shown");

  function filter() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = words.every((word) => row.dataset.text.includes(word))
        && (!outcome.value || row.dataset.outcome === outcome.value)
        && (!run.value || row.dataset.run === run.value);
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${rows.length}`;
  }
  for (const control of [text, outcome, run]) control.addEventListener("input", filter);

  const body = document.getElementById("instances");
  for (const [place, head] of document.querySelectorAll("#instances th button").entries()) {
    let down = false;
    head.addEventListener("click", () => {
      down = !down;
      const key = head.dataset.key;
      const value = (row) => (key === "sort" ? Number(row.dataset.sort) : row.dataset[key]);
      rows.sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) * (down ? -1 : 1));
      for (const row of rows) body.append(row);
    });
  }
  filter();

  // Patches are most of the page, so they lie in it compressed, and are drawn when one is opened.
  let unpacked;
  function patches() {
    unpacked ??= (async () => {
      const packed = atob(document.getElementById("patches").textContent);
      const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      return JSON.parse(await new Response(stream).text());
    })();
    return unpacked;
  }
  function drawn({ title, lines }) {
    const name = document.createElement("p");
    name.textContent = title;
    const text = document.createElement("pre");
    text.tabIndex = 0;
    for (const [kind, line] of lines) {
      const span = document.createElement("span");
      span.className = kind;
      span.textContent = line;
      text.append(span);
    }
    return [name, text];
  }
  for (const place of document.querySelectorAll(".patches")) {
    place.closest("details").addEventListener("toggle", async () => {
      const found = (await patches())[place.dataset.key];
      place.replaceChildren(...found.flatMap(drawn));
    }, { once: true });
  }
})();
