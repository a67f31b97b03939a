// The ranking, as linkgap's rank_prospects computes it: the same operations in the same order, so that both agree.

import { linksTo } from "./columns.js";

const LEAST_VALUE = 0.02;
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

/** Score every row: coverage, likelihood, value and priority. */
export function score(data, ranking) {
  const shares = rivalShares(data.rivals, ranking);
  const coverage = coverageOf(data, shares);
  const terms = usedTerms(data, ranking);
  const likelihood = likelihoodOf(coverage, terms);
  const authority = data.columns.get("authority_percentile")?.values;
  const risk = data.columns.get("risk").values;
  const priority = new Float64Array(data.rows);
  for (let row = 0; row < data.rows; row++) {
    const worth = authority ? valueOf(authority[row]) ** ranking.authority_weight : 1;
    priority[row] = 100 * likelihood[row] * worth * (1 - ranking.risk_weight * risk[row]);
  }
  return { shares, coverage, likelihood, priority };
}

/** The authority percentile, lifted so that no prospect is multiplied by zero. */
export function valueOf(percentile) {
  return Math.max(percentile, LEAST_VALUE);
}

function coverageOf(data, shares) {
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
  const likelihood = new Float64Array(coverage.length);
  for (let row = 0; row < coverage.length; row++) {
    let added = 0;
    for (const { weight, values } of terms) added += weight * values[row];
    likelihood[row] = (coverage[row] + added) / whole;
  }
  return likelihood;
}

/** What one row's priority is made of: terms with value, weight and points, which add up to the priority. */
export function explain(data, ranking, row) {
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
  return found.concat(factors(data, ranking, row, found.reduce((total, { points }) => total + points, 0)));
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
