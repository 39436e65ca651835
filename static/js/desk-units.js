// Quantities as the desk shows them while the server has not answered: "3箱6瓶" is 78 bottles in cases of 24.

// Base units, or null for what only the server understands (such as 三箱).
export function readUnits(text, item) {
  let rest = text.normalize("NFKC").replace(/[\s+加和]/g, "");
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

export function writeUnits(quantity, item) {
  const size = Math.abs(quantity);
  const sign = quantity < 0 ? "−" : "";
  if (!item.caseUnit || item.unitsPerCase < 2 || size < item.unitsPerCase) return `${sign}${size}${item.unit}`;
  const rest = size % item.unitsPerCase;
  return `${sign}${Math.floor(size / item.unitsPerCase)}${item.caseUnit}${rest ? rest + item.unit : ""}`;
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
