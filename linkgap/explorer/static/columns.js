// The prospects as columns: one binary block, decoded once and then read by row.

const ARRAYS = {
  f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array,
};

const NAMED = new Set(["authority_metric", "providers"]);

/** Unpack the block that Python packed; `meta.columns` says where each column is in it. */
export function decode(meta, buffer) {
  const columns = new Map();
  for (const column of meta.columns) columns.set(column.name, readColumn(column, buffer, meta.rows));
  return { rows: meta.rows, rivals: meta.rivals, unit: meta.unit, names: meta.names, howToWin: meta.how_to_win, columns };
}

function readColumn(column, buffer, rows) {
  const part = ({ type, start, length }) => new ARRAYS[type](buffer, start, length);
  const [first, second] = column.parts;
  const values = first.length === rows ? part(first) : new ARRAYS[first.type](rows).fill(part(first)[0]);
  if (column.kind === "text") return textColumn(values, part(second), rows);
  const { kind, known, words, counts, separator } = column;
  if (kind === "choice") return { kind, values, words, counts, separator };
  return second ? { kind, known, ...repeated(values, part(second)) } : { kind, values, known };
}

/** Dictionary-encoded numbers, decoded; codes and table are kept as `coded`, too. */
function repeated(codes, table) {
  const values = new table.constructor(codes.length);
  for (let row = 0; row < codes.length; row++) values[row] = table[codes[row]];
  return { values, coded: { codes, values: table } };
}

function textColumn(lengths, bytes, rows) {
  const starts = new Uint32Array(rows + 1);
  for (let row = 0; row < rows; row++) starts[row + 1] = starts[row] + lengths[row];
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // a byte order mark is part of the text here
  const at = (row) => decoder.decode(bytes.subarray(starts[row], starts[row + 1]));
  return { kind: "text", at, lower: lowerCased(at, rows) };
}

/** Lower-cased texts, made when they are first needed and then kept. */
function lowerCased(at, rows) {
  let texts = null;
  return () => (texts ??= Array.from({ length: rows }, (_, row) => at(row).toLowerCase()));
}

/** What a cell holds: a number (NaN for unknown), a text, or the text of a choice. */
export function valueAt(data, name, row) {
  const column = data.columns.get(name);
  if (column.kind === "text") return column.at(row);
  if (column.kind === "choice") return column.words[column.values[row]];
  return column.values[row];
}

/** A cell's text with the full names of providers and metrics; texts of other columns as they are. */
export function named(data, name, text) {
  if (!NAMED.has(name)) return text;
  return text.split(", ").map((word) => (Object.hasOwn(data.names, word) ? data.names[word] : word)).join(", ");
}

/** A function from a row to the full name of its authority's metric; empty texts if all have the same metric. */
export function measures(data) {
  const metrics = data.columns.get("authority_metric");
  if (!metrics || metrics.words.filter(Boolean).length < 2) return () => "";
  const names = metrics.words.map((word) => named(data, "authority_metric", word));
  return (row) => names[metrics.values[row]];
}

/** The choices that a cell of a column stands for: several if the column has a separator. */
export function choicesOf(column, word) {
  return column.separator && word ? word.split(column.separator) : [word];
}

/** Whether a row links to a rival, by its position. */
export function linksTo(data, row, rival) {
  const bits = data.columns.get(rival < 31 ? "rival_bits" : "more_rival_bits").values[row];
  return ((bits >>> rival % 31) & 1) === 1;
}

/** Decompress gzip, with what every browser has built in. */
export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
