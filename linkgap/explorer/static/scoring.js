// The ranking, as linkgap's rank_prospects computes it: the same operations in the same order, so that both agree.

import { linksTo } from "./columns.js";

const LEAST_VALUE = 0.02;
const MOST_TABLED = 12;
const TERMS = ["linked_domains", "authority"];

/** The share of each rival: its own weight, or the user's weights in proportion (equal shares if all are 0). */
export function rivalShares(rivals, ranking) {
  const weights = rivals.map((rival) => (ranking.rival_weights ? (ranking.rival_weights[rival.name] ?? 0) : rival.weight));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return ranking.rival_weights ? weights.map((weight) => (sum ? weight / sum : 1 / rivals.length)) : weights;
}

/** The terms besides coverage that have both a column and a weight. */
function usedTerms(data, ranking) {
  return TERMS.filter((term) => data.columns.has(`${term}_percentile`) && term in ranking.likelihood_weights).map((term) => ({
    term, weight: ranking.likelihood_weights[term], values: data.columns.get(`${term}_percentile`).values,
  }));
}

/** Arrays for the scores of all rows. */
export function emptyScores(rows) {
  const room = () => new Float64Array(rows);
  return { coverage: room(), likelihood: room(), priority: room(), rank: new Uint32Array(rows) };
}

/** Score every row into `scored`, overwriting the scores of another ranking. */
export function score(data, ranking, scored) {
  scored.coverage = coverageOf(data, rivalShares(data.rivals, ranking), scored.coverage);
  scored.likelihood = data.columns.get("learned")?.values ?? likelihoodOf(scored.coverage, usedTerms(data, ranking), scored.likelihood);
  const { likelihood, priority } = scored;
  const risk = data.columns.get("risk").values;
  const caution = ranking.risk_weight;
  const { codes, worths } = worthsOf(data, ranking.authority_weight);
  for (let row = 0; row < data.rows; row++) {
    const worth = codes ? worths[codes[row]] : 1;
    priority[row] = 100 * likelihood[row] * worth * (1 - caution * risk[row]);
  }
}

/** What each distinct authority is worth, and each row's index among them: powers are costly, so each is computed once. */
function worthsOf(data, weight) {
  const authority = data.columns.get("authority_percentile");
  if (!authority) return {};
  const { codes, values } = (authority.coded ??= codedOf(authority.values));
  return { codes, worths: Float64Array.from(values, (percentile) => valueOf(percentile) ** weight) };
}

/** The distinct values, and the index of each row's value among them. */
function codedOf(all) {
  const places = new Map();
  const codes = new Uint32Array(all.length);
  for (let row = 0; row < all.length; row++) {
    const place = places.get(all[row]);
    codes[row] = place ?? places.size;
    if (place === undefined) places.set(all[row], places.size);
  }
  return { codes, values: [...places.keys()] };
}

/** The authority percentile, lifted so that no prospect is multiplied by zero. */
export function valueOf(percentile) {
  return Math.max(percentile, LEAST_VALUE);
}

function coverageOf(data, shares, coverage) {
  return shares.length <= MOST_TABLED ? coverageByTable(data, shares, coverage) : coverageByRival(data, shares, coverage);
}

/** Few rivals have few combinations, so the shares of each are added up only once. */
function coverageByTable(data, shares, coverage) {
  const table = new Float64Array(2 ** shares.length);
  for (let bits = 0; bits < table.length; bits++) {
    shares.forEach((share, rival) => {
      if ((bits >>> rival) & 1) table[bits] += share;
    });
  }
  const bits = data.columns.get("rival_bits").values;
  for (let row = 0; row < data.rows; row++) coverage[row] = table[bits[row]];
  return coverage;
}

function coverageByRival(data, shares, coverage) {
  coverage.fill(0);
  shares.forEach((share, rival) => {
    const bits = data.columns.get(rival < 31 ? "rival_bits" : "more_rival_bits").values;
    const place = rival % 31;
    for (let row = 0; row < data.rows; row++) if ((bits[row] >>> place) & 1) coverage[row] += share;
  });
  return coverage;
}

function likelihoodOf(coverage, terms, likelihood) {
  const total = totalWeight(terms);
  likelihood.fill(0);
  for (const { weight, values } of terms) for (let row = 0; row < coverage.length; row++) likelihood[row] += weight * values[row];
  for (let row = 0; row < coverage.length; row++) likelihood[row] = (coverage[row] + likelihood[row]) / total;
  return likelihood;
}

/** The weight of all terms, with coverage's 1 added last: in floats, 1 + 0.1 + 0.1 is more than 1 + (0.1 + 0.1). */
function totalWeight(terms) {
  return 1 + terms.reduce((total, { weight }) => total + weight, 0);
}

/** What one row's priority is made of: terms with value, weight and points, which add up to the priority. */
export function explain(data, ranking, row) {
  const likely = likelyTerms(data, ranking, row);
  return likely.concat(factors(data, ranking, row, likely.reduce((total, { points }) => total + points, 0)));
}

function likelyTerms(data, ranking, row) {
  const learned = data.columns.get("learned")?.values[row];
  if (learned !== undefined) return [{ term: "learned likelihood", value: learned, weight: 1, points: 100 * learned }];
  const shares = rivalShares(data.rivals, ranking);
  const terms = usedTerms(data, ranking);
  const share = 100 / totalWeight(terms);
  const found = [];
  shares.forEach((weight, rival) => {
    if (linksTo(data, row, rival)) {
      found.push({ term: `links to ${data.rivals[rival].name}`, value: 1, weight, points: share * weight });
    }
  });
  for (const { term, weight, values } of terms) {
    const named = `${term.replace("_", " ")} percentile`;
    found.push({ term: named, value: values[row], weight, points: share * weight * values[row] });
  }
  return found;
}

function factors(data, ranking, row, likely) {
  const found = [];
  let running = likely;
  const authority = data.columns.get("authority_percentile")?.values;
  if (authority) {
    const weight = ranking.authority_weight;
    const worth = valueOf(authority[row]) ** weight;
    found.push({ term: "value of its authority", value: valueOf(authority[row]), weight, points: running * (worth - 1) });
    running *= worth;
  }
  const risk = data.columns.get("risk").values[row];
  found.push({ term: "risk", value: risk, weight: ranking.risk_weight, points: 0 - running * ranking.risk_weight * risk });
  return found;
}
