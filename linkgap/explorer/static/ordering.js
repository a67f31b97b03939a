// Orders of rows. Ties always fall in the order of the domains, which is the order of the rows.

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;
const KEPT = 1e9;
const TWO_WORDS = 2 ** 32;
const EVEN = 2 ** 52;

/** Sorts rows by descending priority, again and again in the same memory, which is several times faster. */
export class PrioritySorter {
  constructor(rows) {
    this.low = new Uint32Array(rows);
    this.high = new Uint32Array(rows);
    this.first = new Uint32Array(rows);
    this.second = new Uint32Array(rows);
    this.starts = new Uint32Array(DIGITS + 1);
  }

  /** The rows in order, compared to nine decimals; the array is used again by the next call. */
  sort(priority) {
    const { low, high, first, second } = this;
    for (let row = 0; row < priority.length; row++) {
      const key = 100 * KEPT - roundEven(priority[row] * KEPT);
      high[row] = key / TWO_WORDS;
      low[row] = key;
      first[row] = row;
    }
    this.pass(first, second, low, 0);
    this.pass(second, first, low, DIGIT_BITS);
    this.pass(first, second, high, 0);
    return second;
  }

  pass(order, sorted, keys, shift) {
    const starts = this.starts.fill(0);
    for (let place = 0; place < order.length; place++) starts[((keys[order[place]] >>> shift) & (DIGITS - 1)) + 1]++;
    for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1] += starts[digit];
    for (let place = 0; place < order.length; place++) {
      const row = order[place];
      sorted[starts[(keys[row] >>> shift) & (DIGITS - 1)]++] = row;
    }
  }
}

/** Round half to even, as numpy does: numbers of this size have no room for smaller parts. */
function roundEven(value) {
  return value + EVEN - EVEN;
}

/** The rows by any key: numbers with the unknown last, or texts. */
export function byKey(keys, descending) {
  const sign = descending ? -1 : 1;
  const compare = typeof keys[0] === "string" ? compareTexts : compareNumbers;
  return Uint32Array.from(keys, (_, row) => row).sort((one, other) => compare(keys[one], keys[other], sign) || one - other);
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

/** Write the rank of each row, from 1, into `ranks`. */
export function rankRows(order, ranks) {
  for (let place = 0; place < order.length; place++) ranks[order[place]] = place + 1;
  return ranks;
}
