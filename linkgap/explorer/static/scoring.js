// The ranking, as linkgap's rank_prospects computes it: the same operations in the same order, so that both agree.

import { linksTo } from "./columns.js";

const LEAST_VALUE = 0.02;
const MOST_TABLED = 12;
const TERMS = ["linked_domains", "authority"];
const PERCENTILES = { linked_domains: "linked_domains_percentile", authority: "authority_percentile" };

/** The share of each rival; the given weights count by their proportions. */
export function rivalShares(rivals, ranking) {
  const weights = rivals.map((rival) => (ranking.rival_weights ? (ranking.rival_weights[rival.name] ?? 0) : rival.weight));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return ranking.rival_weights ? weights.map((weight) => (sum ? weight / sum : 1 / rivals.length)) : weights;
}

/** The terms beside coverage whose columns are there and whose weight counts. */
export function usedTerms(data, ranking) {
  return TERMS.filter((term) => data.columns.has(PERCENTILES[term]) && term in ranking.likelihood_weights).map((term) => ({
    term, weight: ranking.likelihood_weights[term], values: data.columns.get(PERCENTILES[term]).values,
  }));
}

/** Score every row: coverage, likelihood and priority. */
export function score(data, ranking) {
  const shares = rivalShares(data.rivals, ranking);
  const coverage = coverageOf(data, shares);
  const terms = usedTerms(data, ranking);
  const likelihood = data.columns.get("learned")?.values ?? likelihoodOf(coverage, terms);
  const worths = worthsOf(data, ranking.authority_weight);
  const risk = data.columns.get("risk").values;
  const caution = ranking.risk_weight;
  const priority = new Float64Array(data.rows);
  for (let row = 0; row < data.rows; row++) priority[row] = 100 * likelihood[row] * worths[row] * (1 - caution * risk[row]);
  return { shares, coverage, likelihood, priority };
}

/** What each authority is worth; powers are costly and percentiles repeat, so each is raised once. */
function worthsOf(data, weight) {
  const worths = new Float64Array(data.rows).fill(1);
  const authority = data.columns.get("authority_percentile");
  if (!authority || !weight) return worths;
  const { codes, values } = (authority.coded ??= codedOf(authority.values));
  const table = Float64Array.from(values, (percentile) => valueOf(percentile) ** weight);
  for (let row = 0; row < worths.length; row++) worths[row] = table[codes[row]];
  return worths;
}

/** The different values, and the place among them of each row's. */
function codedOf(all) {
  const places = new Map();
  const codes = Uint32Array.from(all, (value) => {
    if (!places.has(value)) places.set(value, places.size);
    return places.get(value);
  });
  return { codes, values: [...places.keys()] };
}

/** The authority percentile, lifted so that no prospect is multiplied by zero. */
export function valueOf(percentile) {
  return Math.max(percentile, LEAST_VALUE);
}

function coverageOf(data, shares) {
  return shares.length <= MOST_TABLED ? coverageByTable(data, shares) : coverageByRival(data, shares);
}

/** Few rivals have few combinations, each of which is added up once. */
function coverageByTable(data, shares) {
  const table = new Float64Array(2 ** shares.length);
  for (let bits = 0; bits < table.length; bits++) {
    shares.forEach((share, rival) => {
      if ((bits >>> rival) & 1) table[bits] += share;
    });
  }
  const bits = data.columns.get("rival_bits").values;
  const coverage = new Float64Array(data.rows);
  for (let row = 0; row < data.rows; row++) coverage[row] = table[bits[row]];
  return coverage;
}

function coverageByRival(data, shares) {
  const coverage = new Float64Array(data.rows);
  shares.forEach((share, rival) => {
    const bits = data.columns.get(rival < 31 ? "rival_bits" : "more_rival_bits").values;
    const place = rival % 31;
    for (let row = 0; row < data.rows; row++) if ((bits[row] >>> place) & 1) coverage[row] += share;
  });
  return coverage;
}

function likelihoodOf(coverage, terms) {
  const whole = terms.reduce((total, { weight }) => total + weight, 1);
  const added = new Float64Array(coverage.length);
  for (const { weight, values } of terms) for (let row = 0; row < added.length; row++) added[row] += weight * values[row];
  for (let row = 0; row < added.length; row++) added[row] = (coverage[row] + added[row]) / whole;
  return added;
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
  const share = 100 / terms.reduce((total, { weight }) => total + weight, 1);
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
