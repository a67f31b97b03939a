// Sorting of rows. Ties always stay in the order of the domains, which is the order of the rows.

const DIGIT_BITS = 13;
const DIGITS = 1 << DIGIT_BITS;
const KEPT = 1e9;
const EVEN = 2 ** 52; // adding and subtracting it rounds half to even, as numpy does: numbers of this size have no digits for fractions

/** A computed score as it is compared, in whole billionths: the digits beyond are rounding errors. */
export function comparable(score) {
  return score * KEPT + EVEN - EVEN;
}

/**
 * Radix sort of rows by descending priority, which reuses its memory for every call: by the lowest digit of the keys,
 * then by the middle one, then by the highest. The keys' other digits move with the rows, so that memory is read in order.
 */
export class PrioritySorter {
  constructor(rows) {
    const twice = () => [new Uint32Array(rows), new Uint32Array(rows)];
    this.low = new Uint16Array(rows);
    this.rest = twice();
    this.high = new Uint16Array(rows);
    this.rows = twice();
    this.starts = Array.from({ length: 3 }, () => new Uint32Array(DIGITS + 1));
  }

  /** The rows in order, compared to nine decimals; the next call overwrites the array. */
  sort(priority) {
    this.split(priority);
    const { low, high, rest: [rest, restNext], rows: [first, second], starts: [byLow, byMiddle, byHigh] } = this;
    for (let row = 0; row < low.length; row++) {
      const place = byLow[low[row]]++;
      restNext[place] = rest[row];
      first[place] = row;
    }
    for (let at = 0; at < low.length; at++) {
      const place = byMiddle[restNext[at] & (DIGITS - 1)]++;
      high[place] = restNext[at] >>> DIGIT_BITS;
      second[place] = first[at];
    }
    for (let at = 0; at < low.length; at++) first[byHigh[high[at]]++] = second[at];
    return first;
  }

  /** Cut the keys into digits, and find where the rows of each digit start. */
  split(priority) {
    const { low, rest: [rest], starts } = this;
    const [byLow, byMiddle, byHigh] = starts;
    for (const counts of starts) counts.fill(0);
    for (let row = 0; row < low.length; row++) {
      const key = 100 * KEPT - comparable(priority[row]);
      const most = Math.floor(key / DIGITS);
      const least = key - most * DIGITS;
      rest[row] = most;
      low[row] = least;
      byLow[least + 1]++;
      byMiddle[(most & (DIGITS - 1)) + 1]++;
      byHigh[(most >>> DIGIT_BITS) + 1]++;
    }
    for (const counts of starts) for (let digit = 0; digit < DIGITS; digit++) counts[digit + 1] += counts[digit];
  }
}

/** The rows sorted by any key, numbers or texts; unknown numbers and empty texts are last. */
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
