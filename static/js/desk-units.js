// Quantities as the desk shows them while the server has not answered: "3箱6瓶" is 78 bottles in cases of 24.

// Base units, or null for what only the server understands (such as 三箱).
export function readUnits(text, item) {
  let rest = text.normalize("NFKC").toLowerCase();
  for (const [unit, said] of [[item.caseUnit, item.said.case], [item.unit, item.said.unit]]) {
    for (const word of said.split("|").reverse()) if (word) rest = rest.replace(word, unit);
  }
  rest = rest.replace(/[\s+加和]/g, "");
  let cases = 0;
  if (item.caseUnit && rest.includes(item.caseUnit)) {
    const [before, after] = rest.split(item.caseUnit, 2);
    if (!/^\d+$/.test(before)) return null;
    cases = Number(before);
    rest = after;
    if (!rest) return cases * item.unitsPerCase;
  }
  if (item.unit && rest.endsWith(item.unit)) rest = rest.slice(0, -item.unit.length);
  return /^\d+$/.test(rest) ? cases * item.unitsPerCase + Number(rest) : null;
}

// "瓶" follows its number at once, "bottle|bottles" after a space and by how many; "|" is no word at all.
function count(number, word) {
  if (!word.includes("|")) return `${number}${word}`;
  const [one, many] = word.split("|");
  return `${number} ${number === 1 ? one : many}`.trim();
}

export function writeUnits(quantity, { caseUnit, unitsPerCase, said }) {
  const size = Math.abs(quantity);
  const sign = quantity < 0 ? "−" : "";
  if (!caseUnit || unitsPerCase < 2 || size < unitsPerCase) return sign + count(size, said.unit);
  const rest = size % unitsPerCase;
  const plus = said.case.includes("|") ? " + " : "";
  return sign + count(Math.floor(size / unitsPerCase), said.case) + (rest ? plus + count(rest, said.unit) : "");
}

// What is on hand once the queued entries are booked, and how far that is from what the server said.
export function foresee(onHand, entries, item) {
  let balance = onHand;
  for (const { kind, quantity } of entries) {
    const units = quantity === undefined ? 1 : readUnits(quantity, item);
    if (units === null) continue;
    if (kind === "count") balance = units;
    else if (kind === "receipt" || kind === "return") balance += units;
    else if (kind !== "reversal") balance -= units;
  }
  return Math.max(balance, 0);
}
