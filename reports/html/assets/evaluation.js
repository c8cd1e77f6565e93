"use strict";
(() => {
  const rows = Array.from(document.querySelectorAll("#instances tbody tr"));
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

  const body = document.querySelector("#instances tbody");
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
})();
