"use strict";
// The site's one script: search, sort and filter, explanations, charts, comparison, CSV and SQL.
// Data comes from scripts beside the pages, which call site.words, site.series and so on.
const site = (() => {
  const root = document.documentElement.dataset.root;
  const known = { words: null, evidence: null, series: {}, entries: null };
  const $ = (id) => document.getElementById(id);

  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  };

  const load = (address) =>
    new Promise((resolve, reject) => {
      const script = make("script", { src: address });
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${address} is not beside this page`));
      document.head.append(script);
    });

  // ---- numbers ----
  const grouped = (digits) => {
    const [whole, part] = String(digits).replace("-", "").split(".");
    const text = whole.replace(/\B(?=(\d{3})+$)/g, ",");
    return (String(digits).startsWith("-") ? "−" : "") + text + (part ? `.${part}` : "");
  };
  const rounded = (value, places) =>
    (value < 0 ? "−" : "") +
    Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  const ofUnit = (value, unit) => {
    if (value === null || value === undefined) return "–";
    if (unit === "share") return `${rounded(value * 100, 1)} %`;
    if (unit === "money") return rounded(value / 1e6, 1);
    return rounded(value, 1);
  };

  // ---- tables: CSV, SQL, arrow keys ----
  // A spreadsheet runs a cell that begins so; an apostrophe makes it text. Plain numbers are not touched.
  const forSheet = (text) =>
    /^[=+@\t\r-]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const cellText = (cell) => {
    const exact = cell.querySelector("[data-x]");
    if (exact) return exact.dataset.x;
    if (cell.querySelector(".blank")) return "";
    const link = cell.querySelector("a[href^=http]");
    return (link ? link.href : cell.textContent).replaceAll("−", "-").trim();
  };
  const csv = (table) =>
    [...table.rows]
      .filter((row) => !row.classList.contains("group") && !row.hidden)
      .map((row) => [...row.cells].map((cell) => quoted(forSheet(cellText(cell)))).join(","))
      .join("\r\n");
  const tools = (figure) => {
    const table = figure.querySelector("table");
    const save = make("button", { type: "button" }, "CSV");
    save.onclick = () => {
      const address = URL.createObjectURL(new Blob([csv(table)], { type: "text/csv" }));
      make("a", { href: address, download: `${figure.dataset.name}.csv` }).click();
      URL.revokeObjectURL(address);
    };
    const copy = make("button", { type: "button" }, "Copy SQL");
    copy.onclick = async () => {
      try {
        await navigator.clipboard.writeText(figure.dataset.sql);
        copy.textContent = "Copied";
      } catch {
        // A page from a file may not reach the clipboard in every browser: the statement is shown.
        show("SQL", make("pre", {}, figure.dataset.sql));
      }
    };
    const name = table.caption ? table.caption.textContent : figure.dataset.name;
    save.setAttribute("aria-label", `CSV of ${name}`);
    copy.setAttribute("aria-label", `Copy SQL of ${name}`);
    figure.append(make("div", { class: "tools" }, save, copy));
  };
  // One number of a table is in the order of the tab key; arrows go to the others.
  const roving = (table) => {
    const all = [...table.querySelectorAll("button.n")];
    all.forEach((button, place) => { button.tabIndex = place ? -1 : 0; });
    table.addEventListener("keydown", (event) => {
      const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
      const here = event.target.closest("td");
      if (!here || !moves[event.key]) return;
      const [down, across] = moves[event.key];
      let row = here.parentElement.rowIndex + down;
      let column = here.cellIndex + across;
      while (table.rows[row] && table.rows[row].cells[column]) {
        const button = table.rows[row].cells[column].querySelector("button.n");
        if (button) {
          all.forEach((other) => { other.tabIndex = -1; });
          button.tabIndex = 0;
          button.focus();
          break;
        }
        row += down;
        column += across;
      }
      event.preventDefault();
    });
  };

  // ---- sort and filter of the companies ----
  const sortable = (table) => {
    const heads = [...table.querySelectorAll("thead th[data-key]")];
    const words = new Intl.Collator("en");
    // Each group is sorted by itself, so companies without a rank stay below; blanks stay last.
    const sort = (head, descending) => {
      const numeric = head.dataset.kind === "number";
      const turn = descending ? -1 : 1;
      for (const body of table.tBodies) {
        const rows = [...body.querySelectorAll("tr[data-place]")].map((row) => ({
          row,
          place: Number(row.dataset.place),
          value: row.cells[head.cellIndex].dataset.value,
        }));
        rows.sort((a, b) => {
          if (!a.value || !b.value) return (a.value ? 0 : 1) - (b.value ? 0 : 1) || a.place - b.place;
          const order = numeric ? Number(a.value) - Number(b.value) : words.compare(a.value, b.value);
          return turn * order || a.place - b.place;
        });
        body.append(...rows.map((entry) => entry.row));
      }
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      $("sorted").value = head.dataset.key;
    };
    // The best comes first: large numbers, but the first rank and the first letter.
    const largestFirst = (head) => head.dataset.kind === "number" && head.dataset.key !== "rank";
    const note = (head, descending) => {
      sort(head, descending);
      try {
        window.history.replaceState(null, "", `#sort=${descending ? "-" : ""}${head.dataset.key}`);
      } catch {
        // A page embedded in another may not change its address; it is sorted all the same.
      }
    };
    const fromAddress = () => {
      const wanted = /^#sort=(-?)([a-z0-9_]+)$/.exec(window.location.hash);
      const head = wanted && heads.find((candidate) => candidate.dataset.key === wanted[2]);
      if (head) sort(head, wanted[1] === "-");
    };
    for (const head of heads) {
      $("sorted").append(make("option", { value: head.dataset.key }, head.textContent));
      head.querySelector("button").addEventListener("click", () => {
        const now = head.getAttribute("aria-sort");
        note(head, now === "none" ? largestFirst(head) : now === "ascending");
      });
    }
    $("sorted").value = (heads.find((head) => head.getAttribute("aria-sort") !== "none") || heads[0]).dataset.key;
    $("sorted").addEventListener("change", () => {
      const head = heads.find((candidate) => candidate.dataset.key === $("sorted").value);
      note(head, largestFirst(head));
    });
    window.addEventListener("hashchange", fromAddress);
    fromAddress();

    const rows = [...table.querySelectorAll("tr[data-place]")];
    for (const segment of [...new Set(rows.map((row) => row.dataset.segment))].sort())
      $("segment").append(make("option", {}, segment));
    const filter = () => {
      const asked = $("filter").value.trim().toLowerCase();
      const segment = $("segment").value;
      let shown = 0;
      for (const row of rows) {
        const fits = row.textContent.toLowerCase().includes(asked) && (!segment || row.dataset.segment === segment);
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      }
      $("filter-said").textContent = asked || segment ? `${shown} of ${rows.length} shown` : "";
    };
    $("filter").addEventListener("input", filter);
    $("segment").addEventListener("change", filter);
    $("filter").form.addEventListener("submit", (event) => event.preventDefault());
  };

  // ---- search ----
  const findable = () => {
    const box = $("find");
    if (!box) return;
    const look = async () => {
      const asked = box.value.trim().toLowerCase();
      if (!known.entries) await load(`${root}assets/search.js`);
      const rank = ([, ticker, name, , former]) => {
        const own = ticker.toLowerCase();
        if (own === asked) return 0;
        if (own.startsWith(asked)) return 1;
        if (name.toLowerCase().includes(asked)) return 2;
        return former.toLowerCase().split(" ").includes(asked) ? 3 : 9;
      };
      const found = !asked ? [] : known.entries
        .map((entry) => [rank(entry), entry])
        .filter(([place]) => place < 9)
        .sort((a, b) => a[0] - b[0] || (a[1][1] < b[1][1] ? -1 : 1));
      $("found").replaceChildren(...found.slice(0, 12).map(([, [file, ticker, name, , former]]) =>
        make("li", {}, make("a", { href: `${root}companies/${file}.html` },
          `${ticker || "–"} ${name}${former ? ` (formerly ${former})` : ""}`))));
      $("found-count").textContent = asked ? `${found.length} found` : "";
    };
    box.addEventListener("input", look);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { box.value = ""; look(); }
    });
    box.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const first = $("found").querySelector("a");
      if (first) window.location.href = first.href;
    });
  };

  // ---- explanations ----
  const show = (title, ...inside) => {
    $("explained-body").replaceChildren(make("h2", { id: "explained-title" }, title), ...inside);
    if (!$("explained").open) $("explained").showModal();
  };
  const filing = ([accession, form, filed]) => {
    const cik = known.evidence.cik;
    const address = `https://www.sec.gov/Archives/edgar/data/${cik}/${accession.replaceAll("-", "")}/${accession}-index.htm`;
    return make("span", {}, `${form || "filing"} filed ${filed || "–"}, `,
      make("a", { href: address, rel: "noreferrer", target: "_blank" }, accession));
  };
  const rows = (caption, heads, cells) =>
    make("table", {}, make("caption", {}, caption),
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", {}, ...cells.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))))));
  const typeWords = { ttm: "twelve months", quarter: "quarter", annual: "fiscal year", instant: "balance" };
  const valueText = ([value, currency, why, , split], nature) =>
    value === null
      ? `– ${(known.words.reasons[why] || [String(why).replaceAll("_", " ")])[0]}`
      : `${grouped(value)} ${nature === "shares" ? "shares" : currency || ""}${split !== "1" ? ` as stated; ${split} of today's shares are one of then` : ""}`;

  const explainCell = (line, type, end) => {
    const vintages = known.evidence.cells[`${line}|${type}|${end}`];
    const [label, nature, words] = known.words.lines[line] || [line, "", ""];
    const title = `${label}, ${typeWords[type] || type} to ${end}`;
    if (!vintages) {
      show(title, make("p", {}, "No cell of filings stands behind this."));
      return;
    }
    const [now, ...others] = vintages;
    const inside = [make("p", {}, words), make("p", { class: "value" }, valueText(now, nature))];
    if (now[0] === null) {
      const reason = known.words.reasons[now[2]];
      if (reason && reason[1]) inside.push(make("p", {}, `What would fill it: ${reason[1]}.`));
    } else {
      const rule = known.words.rules[now[2]];
      if (rule) inside.push(make("p", {}, `Rule ${now[2]} (${rule[0]}): ${rule[1]}. ${rule[2]}`));
    }
    inside.push(make("p", {}, `Known since ${now[3]}${now[5] ? `; the period began on ${now[5]}` : ""}.`));
    if (now[6].length)
      inside.push(rows("Facts that make it", ["", "Value", "Concept", "Period", "Filing"],
        now[6].map(([place, weight]) => {
          const [concept, unit, start, finish, value, of] = known.evidence.facts[place];
          return [weight < 0 ? "−" : "+", `${grouped(value)} ${unit}`, concept,
            start ? `${start} to ${finish}` : finish, filing(known.evidence.filings[of])];
        })));
    if (others.length)
      inside.push(rows("Earlier versions", ["Known from", "Value", "Accession"],
        others.map((one) => [one[3], valueText(one, nature), one[7] || "–"])));
    show(title, ...inside);
  };

  // Statement ends lie at times a few days off a year: the nearest end of the line is meant.
  const YEARS = { now: 0, quarter_before: 0.25, year_before: 1, two_years_before: 2, three_years_before: 3 };
  const DAY = 864e5;
  const off = (end, other, years) => Math.abs(new Date(other) - new Date(end) + years * 365.25 * DAY) / DAY;
  // The period types of cells that a part may be, the first that has a value.
  const TYPES = { average: ["ttm", "quarter"], balance: ["instant"], ttm: ["ttm"], quarter: ["quarter"] };
  const cellOf = (part, end) => {
    const found = [];
    for (const [key, vintages] of Object.entries(known.evidence.cells)) {
      const [line, type, when] = key.split("|");
      const rank = TYPES[part.period_type].indexOf(type);
      const days = off(end, when, YEARS[part.at] || 0);
      if (line === part.line && rank >= 0 && days <= 20) found.push({ key, days, blank: vintages[0][0] === null, rank });
    }
    found.sort((a, b) => a.days - b.days || a.blank - b.blank || a.rank - b.rank);
    return found.length ? found[0].key : null;
  };
  const button = (key, text) => make("button", { class: "n", "data-k": key }, text);
  const explainMeasure = (name, end, why) => {
    const measure = known.words.measures[name];
    const own = known.series[Object.keys(known.series)[0]];
    if (!measure) {
      const [label, words] = known.words.columns[name];
      show(`${label}, at ${end}`, make("p", {}, words), ...(why ? [make("p", {}, `Blank: ${why}.`)] : []), make("p", {}, `Column ${name} of mart_company_performance.`));
      return;
    }
    const ends = (own && own.quarters.period_end) || [];
    const value = ends.includes(end) ? own.quarters[name][ends.indexOf(end)] : null;
    const parts = measure.parts.map((part) => {
      const when = part.at.replaceAll("_", " ");
      if (!part.line) {
        const { label, unit } = known.words.measures[part.name];
        const at = ends.find((other) => off(end, other, YEARS[part.at] || 0) <= 20);
        if (!at) return [when, label, "not shown on this page"];
        return [when, button(`${part.name}|${at}`, label), ofUnit(own.quarters[part.name][ends.indexOf(at)], unit)];
      }
      const [label, nature] = known.words.lines[part.line];
      const key = cellOf(part, end);
      if (!key) return [when, label, "not shown on this page"];
      return [when, button(key, label), valueText(known.evidence.cells[key][0], nature)];
    });
    const money = measure.unit === "money" && value !== null;
    show(`${measure.label}, at ${end}`, make("p", {}, measure.words),
      make("p", { class: "value" }, `${ofUnit(value, measure.unit)}${money ? ` ${own.currency || ""} m` : ""}`),
      ...(why ? [make("p", {}, `Blank: ${why}.`)] : []),
      make("p", {}, `Formula: ${measure.formula}`),
      rows("What it is made of", ["When", "What", "Value"], parts));
  };
  const explain = async (target) => {
    const key = target.dataset.k;
    if (!key) { show("Blank", make("p", {}, target.dataset.why)); return; }
    try {
      if (!known.evidence) await load($("main").dataset.facts);
    } catch (error) {
      show("No explanation", make("p", {}, error.message));
      return;
    }
    const parts = key.split("|");
    if (parts.length === 3) explainCell(...parts);
    else explainMeasure(...parts, target.dataset.why);
  };

  // ---- charts ----
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const COLOURS = ["--accent", "--watch", "--good", "--bad", "--muted", "--ink"];
  const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4], [1, 4], [14, 4]];
  const drawn = [];
  const chart = (place, build) => {
    if (!place) return;
    const draw = () => {
      place.replaceChildren();
      const { data, ...options } = build(Math.max(280, place.clientWidth));
      if (data[0].length) new uPlot({ ...options, cursor: { drag: { x: false } } }, data, place);
    };
    drawn.push(draw);
    draw();
  };
  const redraw = () => drawn.forEach((draw) => draw());
  const axis = (extra = {}) => ({
    stroke: colour("--muted"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { stroke: colour("--rule") },
    font: "11px system-ui", ...extra,
  });
  // As wide as its longest label: a number that is cut looks like another one.
  const upright = (extra = {}) => axis({
    size: (u, labels) => 26 + 7 * Math.max(3, ...(labels || []).map((label) => String(label).length)),
    ...extra,
  });
  const seconds = (day) => new Date(`${day}T00:00:00Z`).getTime() / 1000;
  const pct = (u, value) => (value === null || value === undefined ? "–" : `${rounded(value * 100, 1)} %`);
  const mil = (u, value) => (value === null || value === undefined ? "–" : rounded(value / 1e6, 1));
  // Steps of 2.5 % or half a per cent need their decimal: without it marks are untrue, or two read the same.
  const pctMarks = (u, values) => {
    const step = values.length > 1 ? (values[1] - values[0]) * 100 : 1;
    const places = Math.abs(step - Math.round(step)) > 0.01 ? 1 : 0;
    return values.map((value) => `${rounded(value * 100, places)} %`);
  };
  const companyCharts = (series) => {
    const quarters = series.quarters;
    // A filer without quarters is shown by its years.
    const revenue = (quarters.revenue_quarter || []).some((value) => value !== null)
      ? { values: quarters.revenue_quarter, label: "Revenue of the quarter" }
      : { values: quarters.revenue_ttm, label: "Revenue, 12 months" };
    // A margin that the company has nowhere is not in the legend either.
    const margins = [["gross_margin_pct", 2], ["operating_margin_pct", 1], ["fcf_margin_pct", 3]]
      .filter(([name]) => (quarters[name] || []).some((value) => value !== null));
    const line = ([name, place]) => ({
      label: known.words.measures[name].label, scale: "share", value: pct, stroke: colour(COLOURS[place]),
      width: 2, dash: DASHES[place], points: { show: true, size: 5 },
    });
    chart($("quarters-chart"), (width) => ({
      width, height: 260, series: [
        { label: "To", value: (u, at) => (at ? new Date(at * 1000).toISOString().slice(0, 10) : "–") },
        { label: `${revenue.label}, ${series.currency || ""} m`, value: mil, fill: colour("--soft"), stroke: colour("--accent"),
          width: 1, paths: uPlot.paths.bars({ size: [0.55, 46] }), points: { show: false } },
        ...margins.map(line),
      ],
      scales: { x: { range: (u, low, high) => [low - 40 * 86400, high + 40 * 86400] }, y: { range: (u, low, high) => [Math.min(0, low), Math.max(high, 1)] }, share: {} },
      axes: [axis(), upright({ values: (u, values) => values.map((value) => mil(u, value)) }),
        ...(margins.length ? [upright({ scale: "share", side: 1, grid: { show: false }, values: pctMarks })] : [])],
      data: [quarters.period_end.map(seconds), revenue.values, ...margins.map(([name]) => quarters[name])],
    }));
    chart($("price-chart"), (width) => ({
      width, height: 200, series: [
        { label: "Day", value: (u, at) => (at ? new Date(at * 1000).toISOString().slice(0, 10) : "–") },
        { label: `Close, ${series.prices.currency || ""}`, stroke: colour("--accent"), width: 1.5,
          value: (u, value) => (value === null || value === undefined ? "–" : rounded(value, 2)) },
      ],
      axes: [axis(), upright()],
      data: [series.prices.days.map(seconds), series.prices.close],
    }));
  };

  // ---- comparison ----
  const MOST = 6;
  const comparison = () => {
    let chosen = [];
    const fileOf = (text) => {
      const asked = text.trim().toLowerCase();
      const found = known.entries.find(([file, ticker, name]) =>
        [file, ticker.toLowerCase(), name.toLowerCase(), `${ticker} ${name}`.toLowerCase()].includes(asked));
      return found && found[0];
    };
    const say = (text) => { $("choose-said").textContent = text; };
    const names = ["revenue_quarter", ...Object.keys(known.words.measures)];
    const label = (name) => (name === "revenue_quarter" ? "Revenue of the quarter" : known.words.measures[name].label);
    const unit = (name) => (name === "revenue_quarter" ? "money" : known.words.measures[name].unit);
    for (const name of names) $("measure").append(make("option", { value: name }, label(name)));
    $("measure").value = "revenue_growth_pct";
    $("names").append(...known.entries.map(([, ticker, name]) => make("option", { value: `${ticker} ${name}`.trim() })));
    const draw = () => {
      const measure = $("measure").value;
      const all = chosen.map((file) => known.series[file]);
      $("chosen").replaceChildren(...all.map((one, place) => {
        const remove = make("button", { type: "button", "aria-label": `Remove ${one.label}` }, `${one.label} ×`);
        remove.onclick = () => { chosen.splice(place, 1); note(); };
        return make("li", {}, remove);
      }));
      const named = [...new Set(all.flatMap((one) => one.quarters.calendar_quarter || []))].sort();
      // Every quarter between the first and the last has its place, so that gaps are seen.
      const quarters = [];
      if (named.length) {
        let [year, quarter] = named[0].split("Q").map(Number);
        while (`${year}Q${quarter}` <= named[named.length - 1]) {
          quarters.push(`${year}Q${quarter}`);
          [year, quarter] = quarter === 4 ? [year + 1, 1] : [year, quarter + 1];
        }
      }
      const at = (one, quarter, name) => {
        const place = (one.quarters.calendar_quarter || []).indexOf(quarter);
        return place < 0 ? null : one.quarters[name][place];
      };
      drawn.length = 0;
      chart($("compare-chart"), (width) => ({
        width, height: 280,
        scales: { x: { time: false } },
        series: [{ label: "Quarter", value: (u, place) => quarters[place] || "–" }, ...all.map((one, place) => ({
          label: one.label, stroke: colour(COLOURS[place]), width: 2, dash: DASHES[place], points: { show: true, size: 5 },
          value: (u, value) => ofUnit(value, unit(measure)),
        }))],
        axes: [axis({ values: (u, places) => places.map((place) => quarters[place] || "") }),
          upright({ values: (u, values) => values.map((value) => ofUnit(value, unit(measure))) })],
        data: [quarters.map((_, place) => place), ...all.map((one) => quarters.map((quarter) => at(one, quarter, measure)))],
      }));
      const newest = (one, name) => {
        const values = one.quarters[name] || [];
        return values.length ? values[values.length - 1] : null;
      };
      const table = make("table", {}, make("caption", {}, "Newest quarter of each company; amounts in millions of its currency"),
        make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Measure"), ...all.map((one) =>
          make("th", { scope: "col", class: "number" }, make("a", { href: `${root}companies/${one.file}.html` }, one.label))))),
        make("tbody", {},
          make("tr", {}, make("th", { scope: "row" }, "Quarter to"), ...all.map((one) => make("td", { class: "number", "data-h": one.label }, newest(one, "period_end") || "–"))),
          make("tr", {}, make("th", { scope: "row" }, "Currency"), ...all.map((one) => make("td", { class: "number", "data-h": one.label }, one.currency || "–"))),
          ...names.map((name) => make("tr", {}, make("th", { scope: "row" }, label(name)),
            ...all.map((one) => make("td", { class: "number", "data-h": one.label }, ofUnit(newest(one, name), unit(name))))))));
      const ids = all.map((one) => `'${one.id.replaceAll("'", "''")}'`).join(", ");
      const figure = make("figure", { class: "t", "data-name": "compared",
        "data-sql": `select * from marts.mart_company_quarters where company_id in (${ids}) and newest_first = 1` }, table);
      $("compare-table").replaceChildren(...(all.length ? [figure] : []));
      if (all.length) tools(figure);
    };
    const note = () => {
      const wanted = `#${chosen.join(",")}`;
      if (window.location.hash !== wanted) {
        try { window.history.replaceState(null, "", wanted); } catch { /* An embedded page keeps its address. */ }
      }
      draw();
    };
    const add = async (file) => {
      if (chosen.includes(file)) { say("It is chosen already."); return; }
      if (chosen.length >= MOST) { say(`At most ${MOST} companies; remove one first.`); return; }
      try {
        if (!known.series[file]) await load(`${root}companies/${file}.series.js`);
      } catch (error) { say(error.message); return; }
      chosen.push(file);
      say("");
    };
    $("choose").addEventListener("submit", async (event) => {
      event.preventDefault();
      const file = fileOf($("add").value);
      if (!file) { say(`No company is called ${$("add").value || "that"}; begin to type a name and choose one.`); return; }
      await add(file);
      $("add").value = "";
      note();
    });
    $("measure").addEventListener("change", draw);
    const fromAddress = async () => {
      chosen = [];
      for (const file of decodeURIComponent(window.location.hash.slice(1)).split(",").filter(Boolean)) {
        const found = fileOf(file);
        if (found) await add(found);
      }
      draw();
    };
    window.addEventListener("hashchange", fromAddress);
    fromAddress();
  };

  const start = () => {
    document.querySelectorAll("figure.t").forEach(tools);
    // The reason of a blank is in the page once; hovering and screen readers get it from there.
    document.querySelectorAll("button.blank").forEach((blank) => {
      blank.title = blank.dataset.why;
      blank.setAttribute("aria-label", `blank: ${blank.dataset.why}`);
    });
    document.querySelectorAll(".wide table").forEach(roving);
    document.querySelectorAll("table.sortable").forEach(sortable);
    findable();
    document.addEventListener("click", (event) => {
      const target = event.target.closest("button.n");
      if (target) explain(target);
    });
    // A long page on a small screen begins as a list of what it holds; paper has no folds.
    const folds = document.querySelectorAll("details.fold");
    if (window.innerWidth <= 760) folds.forEach((fold) => { fold.open = false; });
    window.addEventListener("beforeprint", () => folds.forEach((fold) => { fold.open = true; }));
    const own = Object.values(known.series)[0];
    if ($("quarters-chart") || $("price-chart")) companyCharts(own);
    if ($("choose")) comparison();
    for (const query of ["(prefers-color-scheme: dark)", "print"])
      window.matchMedia(query).addEventListener("change", redraw);
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
      if (window.innerWidth !== width) { width = window.innerWidth; redraw(); }
    });
  };
  document.addEventListener("DOMContentLoaded", start);
  return {
    words: (told) => { known.words = told; },
    search: (told) => { known.entries = told; },
    evidence: (told) => { known.evidence = told; },
    series: (told) => { known.series[told.file || told.id] = told; },
    publication: (told) => { $("as-of").textContent = `as of ${told.as_of}, run ${told.run}`; },
  };
})();
