"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const colours = {
    accepted: "var(--accepted)", rejected: "var(--rejected)",
    inconclusive: "var(--inconclusive)", infrastructure: "var(--infrastructure)",
  };

  // What is measured, in a unit that leaves one to three digits before the point.
  const middle = (values) => d3.median(values) || 0;
  const scales = {
    s: [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]],
    bytes: [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "bytes"]],
    counts: [[1e9, "billion"], [1e6, "million"], [1, ""]],
    J: [[1, "J"]],
  };
  const names = { wall: "time", cpu: "CPU time", instructions: "instructions", rss: "peak memory", energy: "energy" };
  const kinds = { wall: "s", cpu: "s", instructions: "counts", rss: "bytes", energy: "J" };
  const table = scales[kinds[data.metric] || "s"];
  const [unit, unitName] = table.find(([size]) => middle(data.pairs.base) >= size) || table[table.length - 1];
  const axis = `${names[data.metric] || data.metric}${unitName ? ` (${unitName})` : ""}`;
  const outcomeScale = { domain: Object.keys(colours), range: Object.values(colours) };

  function put(id, label, options) {
    const place = byId(id);
    if (!place) return;
    const width = Math.max(280, place.clientWidth);
    const svg = Plot.plot({ width, style: { background: "none", fontSize: "12px" }, ...options(width) });
    const drawn = svg.tagName === "svg" ? svg : svg.querySelector("svg");
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", label);
    place.replaceChildren(svg);
    return drawn;
  }

  function values() {
    const { base, patched } = data.pairs;
    const dots = [
      ...base.map((value, i) => ({ version: "base", value: value / unit, pair: i + 1 })),
      ...patched.map((value, i) => ({ version: "patched", value: value / unit, pair: i + 1 })),
    ];
    const bars = [
      { version: "base", value: middle(base) / unit }, { version: "patched", value: middle(patched) / unit },
    ];
    const text = (bar) => `${bar.value.toPrecision(3)} ${unitName}`;
    plain(put("chart-values", `Values of base, around ${text(bars[0])}, and patched, around ${text(bars[1])}`, (width) => ({
      height: 210, marginLeft: 64, marginTop: 24, marginBottom: 40, x: { label: axis, grid: true, nice: true, ticks: width / 90 },
      fy: { domain: ["base", "patched"], label: null }, color: { domain: ["base", "patched"], range: ["var(--base)", "var(--patched)"] },
      marks: [
        Plot.dot(dots, Plot.dodgeY("middle", { x: "value", fy: "version", fill: "version", r: 4, tip: true,
          channels: { pair: "pair" } })),
        Plot.ruleX(bars, { x: "value", fy: "version", stroke: "version", strokeWidth: 2.5 }),
        Plot.text(bars, { x: "value", fy: "version", text, frameAnchor: "top", dy: -4, lineAnchor: "bottom", fill: "currentColor", fontWeight: 600 }),
      ],
    })));
  }

  function ratios() {
    const { base, patched } = data.pairs;
    const gain = data.gain;
    const points = base.map((value, i) => ({ pair: i + 1, ratio: value / patched[i] }));
    const label = `Base over patched in ${points.length} pairs; speedup ${gain.speedup.toFixed(2)}` +
      (gain.low ? `, interval ${gain.low.toFixed(2)} to ${gain.high.toFixed(2)}` : "");
    const ends = [0.5, points.length + 0.5];
    const shown = [1, gain.low ?? 1, gain.high ?? 1, ...points.map((point) => point.ratio)];
    const [least, most] = [Math.min(...shown) * 0.95, Math.max(...shown) * 1.05];
    plain(put("chart-ratios", label, (width) => ({
      height: 210, marginTop: 24, marginBottom: 40, x: { label: "pair", domain: ends, ticks: Math.min(points.length, width / 50), tickFormat: (n) => Number.isInteger(n) ? String(n) : "" },
      y: { label: "base / patched", grid: true, domain: [least, most], tickFormat: ".3~g", ticks: 5 },
      marks: [
        gain.low ? Plot.rect([0], { x1: ends[0], x2: ends[1], y1: gain.low, y2: gain.high, fill: "var(--band)" }) : null,
        Plot.ruleY([1], { strokeDasharray: "4,3", stroke: "currentColor" }),
        Plot.ruleY([gain.speedup], { stroke: "var(--patched)", strokeWidth: 2 }),
        Plot.dot(points, { x: "pair", y: "ratio", fill: "var(--patched)", r: 3.5, tip: true }),
      ],
    })));
  }

  function sizes() {
    if (data.sizes.length < 2) return void byId("chart-sizes")?.closest("figure").remove();
    const [low] = table.find(([size]) => data.sizes[0].base >= size) || table[table.length - 1];
    const name = table.find(([size]) => size === low)[1];
    const points = data.sizes.flatMap((one) => [
      { version: "base", size: one.size, value: one.base / low },
      { version: "patched", size: one.size, value: one.patched / low },
    ]);
    const range = ["var(--base)", "var(--patched)"];
    plain(put("chart-sizes", `Base and patched version at ${data.sizes.length} sizes`, (width) => ({
      height: 280, marginLeft: 64, marginRight: 72, marginBottom: 40,
      x: { type: "log", label: "size", grid: true, ticks: width / 110, tickFormat: "~s" },
      y: { type: "log", label: `${names[data.metric] || data.metric}${name ? ` (${name})` : ""}`, grid: true, ticks: 5, tickFormat: "~g" },
      color: { domain: ["base", "patched"], range },
      marks: [
        Plot.line(points, { x: "size", y: "value", stroke: "version", strokeWidth: 2 }),
        Plot.dot(points, { x: "size", y: "value", fill: "version", r: 4, tip: true }),
        Plot.text(points, Plot.selectLast({ x: "size", y: "value", z: "version", text: "version", fill: "version", textAnchor: "start", dx: 8 })),
      ],
    })));
  }

  // The parts of an image have no role, so that they may have no labels either.
  function plain(drawn) {
    drawn?.querySelectorAll("[aria-label]").forEach((part) => part.removeAttribute("aria-label"));
  }

  const trunk = (text, most) => text.length > most ? `${text.slice(0, most - 1)}…` : text;
  const open = (id) => {
    const found = byId(`candidate-${id}`);
    if (!found) return;
    found.hidden = false;
    found.open = true;
    found.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
  };

  function timeline() {
    const tried = data.candidates.filter((one) => one.from !== null && one.to !== null)
      .sort((one, other) => one.from - other.from);
    const place = byId("chart-timeline");
    if (!place) return;
    if (!tried.length) return void place.closest("figure").remove();
    const end = Math.max(data.end || 0, ...tried.map((one) => one.to));
    const drawn = put("chart-timeline", `When ${tried.length} candidates were on trial`, (width) => {
      const narrow = width < 560;
      return {
        height: 80 + tried.length * (tried.length > 30 ? 14 : 20), marginLeft: narrow ? 8 : 96, marginTop: 40, marginBottom: 40,
        x: { label: "seconds", domain: [0, end], ticks: width / 90 }, y: { domain: tried.map((one) => one.id), label: null, axis: narrow ? null : "left", tickSize: 0 },
        color: { ...outcomeScale, legend: false },
        marks: [
          Plot.ruleX(data.steps, { x: "from", strokeDasharray: "2,3", strokeOpacity: 0.5 }),
          narrow ? null : Plot.text(data.steps.filter((step, i, all) => i === 0 || step.from - all[i - 1].from > end / 14), { x: "from", text: "stage", frameAnchor: "top", dy: -14, textAnchor: "start", fill: "currentColor", rotate: -18 }),
          Plot.barX(tried, { x1: "from", x2: (one) => Math.max(one.to, one.from + end / 300), y: "id", fill: "outcome", rx: 2, inset: 1 }),
          Plot.tip(tried, Plot.pointerY({ x: "to", y: "id", title: (one) => `${one.id}: ${one.outcome} at ${one.stage}\n${trunk(one.what, 60)}\n${(one.to - one.from).toFixed(1)} s` })),
        ],
      };
    });
    place.querySelectorAll('[aria-label="bar"] rect').forEach((bar, i) => {
      bar.style.cursor = "pointer";
      bar.addEventListener("click", () => open(tried[i].id));
    });
    plain(drawn);
  }

  function intervals() {
    const timed = data.candidates.filter((one) => one.speedup !== null && one.low !== null && one.high !== null);
    const place = byId("chart-intervals");
    if (!place) return;
    if (!timed.length) return void place.closest("figure").remove();
    plain(put("chart-intervals", `Speedups and intervals of ${timed.length} candidates that were timed`, (width) => {
      const narrow = width < 560;
      return {
        height: 64 + timed.length * 18, marginLeft: narrow ? 8 : 96, marginBottom: 40,
        x: { type: "log", label: "speedup", grid: true, tickFormat: ".3~g", ticks: width / 110 }, y: { domain: timed.map((one) => one.id), label: null, axis: narrow ? null : "left", tickSize: 0 },
        color: outcomeScale,
        marks: [
          Plot.ruleX([1], { strokeDasharray: "4,3" }),
          Plot.ruleY(timed, { x1: "low", x2: "high", y: "id", stroke: "outcome", strokeWidth: 2 }),
          Plot.dot(timed, { x: "speedup", y: "id", fill: "outcome", r: 4 }),
          Plot.tip(timed, Plot.pointerY({ x: "speedup", y: "id", title: (one) => `${one.id}: ${one.outcome}\n${one.speedup.toFixed(2)}x (${one.low.toFixed(2)} to ${one.high.toFixed(2)})\n${trunk(one.what, 60)}` })),
        ],
      };
    }));
  }

  const legends = {
    before: "Each box is a function below its caller; its width is its share of the base's time. Click to zoom.",
    after: "The same for the patched version, in shares of its own time.",
    difference: "The base's boxes: green took less time in the patched version, red more, the stronger the more of the whole.",
  };
  const shades = { repository: "#f2a65a", workload: "#a9c5e8", dependency: "#c9b6e4", "standard library": "#b8d8ba", native: "#d5d9df" };
  let version = "before";
  let graph = null;

  function flameColour(box, picked) {
    if (box.highlight) return "#ffe14d";
    const { owner, change } = box.data;
    if (version !== "difference") return shades[owner] || "#d5d9df";
    const strength = Math.min(1, Math.sqrt(Math.abs(change || 0)) * 1.6);
    return d3.interpolateRgb("#e8eaed", change < 0 ? "#2fa56f" : "#e5484d")(strength);
  }

  function told(box) {
    const whole = data.flames[version].value || 1;
    const { name, path, change } = box.data;
    const share = `${(100 * box.value / whole).toFixed(1)} %`;
    const moved = version === "difference" && change !== undefined
      ? `, ${change < 0 ? "−" : "+"}${(100 * Math.abs(change)).toFixed(1)} % of the base` : "";
    return `${name}${path ? ` (${path})` : ""}: ${share}${moved}`;
  }

  function flame() {
    const place = byId("chart-flame");
    if (!place || !data.flames[version]) return;
    place.closest(".flames").hidden = false;
    place.replaceChildren();
    byId("flame-legend").textContent = legends[version];
    graph = flamegraph.default().width(Math.max(280, place.clientWidth)).cellHeight(19).minFrameSize(1)
      .inverted(true).sort(true).transitionDuration(still ? 0 : 250).title("")
      .getName((box) => box.data.name).label(told).setColorMapper(flameColour)
      .setDetailsHandler((text) => { byId("flame-told").textContent = text || ""; })
      .setSearchMatch((box, term) => `${box.data.name} ${box.data.path}`.toLowerCase().includes(term.toLowerCase()));
    d3.select(place).datum(structuredClone(data.flames[version])).call(graph);
    const svg = place.querySelector("svg");
    if (!svg) return;
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `Flame graph, ${version}; the tables below hold the same functions`);
    const term = byId("find").value.trim();
    if (term) search(term);
  }

  function search(term) {
    graph.search(term);
    const whole = data.flames[version].value || 1;
    let seen = 0;
    const walk = (box) => {
      if (`${box.name} ${box.path}`.toLowerCase().includes(term.toLowerCase())) seen += box.value;
      else (box.children || []).forEach(walk);
    };
    walk(data.flames[version]);
    byId("flame-told").textContent = `“${term}” is on the stack in ${(100 * seen / whole).toFixed(1)} % of the samples`;
  }

  function listen() {
    document.querySelectorAll(".version").forEach((button) => button.addEventListener("click", () => {
      version = button.dataset.version;
      document.querySelectorAll(".version").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      flame();
    }));
    byId("find")?.addEventListener("input", (event) => {
      const term = event.target.value.trim();
      if (term) return search(term);
      graph.clear();
      byId("flame-told").textContent = "";
    });
    byId("whole")?.addEventListener("click", () => graph.resetZoom());
    const narrowDown = () => {
      const fate = byId("fate").value;
      const words = byId("words").value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      document.querySelectorAll(".candidate").forEach((one) => {
        const text = one.textContent.toLowerCase();
        one.hidden = (fate && one.dataset.fate !== fate) || !words.every((word) => text.includes(word));
        count += one.hidden ? 0 : 1;
      });
      byId("shown").textContent = fate || words.length ? `${count} shown` : "";
    };
    byId("fate")?.addEventListener("change", narrowDown);
    byId("words")?.addEventListener("input", narrowDown);
    document.querySelectorAll(".copy").forEach((button) => {
      if (!navigator.clipboard) return;
      button.hidden = false;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(button.previousElementSibling.textContent);
        button.textContent = "Copied";
      });
    });
    const theme = byId("theme");
    theme.hidden = false;
    theme.addEventListener("click", () => {
      const root = document.documentElement;
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
    });
    const unfold = () => {
      const target = location.hash.startsWith("#candidate-") && byId(decodeURIComponent(location.hash.slice(1)));
      if (target) { target.hidden = false; target.open = true; }
    };
    addEventListener("hashchange", unfold);
    unfold();
    addEventListener("beforeprint", () => document.querySelectorAll(".hotspot, .candidate[data-fate=accepted]").forEach((one) => { one.open = true; }));
  }

  function draw() {
    if (data.gain && data.pairs.base.length) { values(); ratios(); }
    sizes();
    timeline();
    intervals();
    flame();
  }

  listen();
  draw();
  let width = innerWidth;
  let waiting = 0;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(draw, 150);
  });
})();
