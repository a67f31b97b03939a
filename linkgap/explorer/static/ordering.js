// Orders of rows. Ties always fall in the order of the domains, which is the order of the rows.

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;
const KEPT = 1e9;
const TWO_WORDS = 2 ** 32;
const EVEN = 2 ** 52;

/** The rows by descending priority, compared to nine decimals. */
export function byPriority(priority) {
  const rows = priority.length;
  const low = new Uint32Array(rows);
  const high = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const key = 100 * KEPT - roundEven(priority[row] * KEPT);
    high[row] = key / TWO_WORDS;
    low[row] = key;
  }
  const order = radixPass(radixPass(identity(rows), low, 0), low, DIGIT_BITS);
  return radixPass(order, high, 0);
}

/** Round half to even, as numpy does: numbers of this size have no room for smaller parts. */
function roundEven(value) {
  return value + EVEN - EVEN;
}

function identity(rows) {
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  return order;
}

function radixPass(order, keys, shift) {
  const starts = new Uint32Array(DIGITS + 1);
  for (let place = 0; place < order.length; place++) starts[((keys[order[place]] >>> shift) & (DIGITS - 1)) + 1]++;
  for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1] += starts[digit];
  const sorted = new Uint32Array(order.length);
  for (let place = 0; place < order.length; place++) {
    const row = order[place];
    sorted[starts[(keys[row] >>> shift) & (DIGITS - 1)]++] = row;
  }
  return sorted;
}

/** The rows by any key: numbers with the unknown last, or texts. */
export function byKey(keys, descending) {
  const sign = descending ? -1 : 1;
  const compare = typeof keys[0] === "string" ? compareTexts : compareNumbers;
  return identity(keys.length).sort((one, other) => compare(keys[one], keys[other], sign) || one - other);
}

function compareTexts(one, other, sign) {
  if (one === other) return 0;
  if (!one || !other) return one ? -1 : 1;
  return one < other ? -sign : sign;
}

function compareNumbers(one, other, sign) {
  if (one === other) return 0;
  const unknown = Number.isNaN(one) - Number.isNaN(other);
  return unknown || (Number.isNaN(one) ? 0 : sign * (one - other));
}

/** From the rows in order to the rank of each row, from 1. */
export function ranksOf(order) {
  const ranks = new Uint32Array(order.length);
  for (let place = 0; place < order.length; place++) ranks[order[place]] = place + 1;
  return ranks;
}
