/* Says in each cell which column it is in: narrow windows show rows as blocks, see style.css. */
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table.docutils")) {
    const names = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, column) => {
        if (column && names[column] && cell.textContent.trim()) cell.dataset.column = names[column];
        if (!cell.textContent.trim()) cell.replaceChildren();
      });
    }
  }
});
