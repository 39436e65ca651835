// Where the row of pages is wider than the screen, it shows the one that is open.

const row = document.querySelector(".page-head__nav--pages");
const open = row.querySelector("[aria-current]");

if (open) row.scrollLeft = open.offsetLeft - (row.clientWidth - open.offsetWidth) / 2;
