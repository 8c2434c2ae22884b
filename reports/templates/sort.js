"use strict";
(() => {
  const table = document.querySelector("table.sortable");
  const heads = [...table.querySelectorAll("thead th[data-key]")];
  const words = new Intl.Collator("en");

  // Each group is sorted by itself, so companies without a rank stay below; blanks stay last.
  const sort = (head, descending) => {
    const numeric = head.dataset.kind === "number";
    const turn = descending ? -1 : 1;
    for (const body of table.tBodies) {
      const rows = [...body.querySelectorAll("tr[data-place]")].map((row) => {
        return { row, place: Number(row.dataset.place), value: row.cells[head.cellIndex].dataset.value };
      });
      rows.sort((a, b) => {
        if (!a.value || !b.value) return (a.value ? 0 : 1) - (b.value ? 0 : 1) || a.place - b.place;
        const order = numeric ? Number(a.value) - Number(b.value) : words.compare(a.value, b.value);
        return turn * order || a.place - b.place;
      });
      body.append(...rows.map((entry) => entry.row));
    }
    for (const other of heads) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  };

  const fromAddress = () => {
    const wanted = /^#sort=(-?)([a-z0-9_]+)$/.exec(window.location.hash);
    const head = wanted && heads.find((candidate) => candidate.dataset.key === wanted[2]);
    if (head) sort(head, wanted[1] === "-");
  };

  for (const head of heads) {
    head.querySelector("button").addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      // The best comes first: large numbers, but the first rank and the first letter.
      const largestFirst = head.dataset.kind === "number" && head.dataset.key !== "rank";
      const descending = now === "none" ? largestFirst : now === "ascending";
      sort(head, descending);
      try {
        window.history.replaceState(null, "", `#sort=${descending ? "-" : ""}${head.dataset.key}`);
      } catch {
        // A page embedded in another may not change its address; it is sorted all the same.
      }
    });
  }
  window.addEventListener("hashchange", fromAddress);
  fromAddress();

  // A title cannot be reached by touch: a tap on a blank shows its reason.
  const why = document.getElementById("why");
  document.addEventListener("click", (event) => {
    const blank = event.target.closest(".blank");
    why.textContent = blank ? blank.title : "";
  });
})();
