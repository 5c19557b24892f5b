// Overlapping spans as pieces that lie side by side, each of which can have one look.

/**
 * Cuts a stretch wherever a span begins or ends.
 * @template {{start: number, end: number}} Span
 * @param {Span[]} spans in any order; what lies outside of the stretch is not looked at
 * @param {number} start
 * @param {number} end
 * @returns {{start: number, end: number, of: Span[]}[]} the whole stretch in order; `of` in the order of `spans`
 */
export function segments(spans, start, end) {
  const edges = [];
  spans.forEach((span, index) => {
    const [from, to] = [Math.max(span.start, start), Math.min(span.end, end)];
    if (from < to) edges.push({ at: from, index, opens: true }, { at: to, index, opens: false });
  });
  edges.sort((a, b) => a.at - b.at);
  const open = new Set();
  const pieces = [];
  let from = start;
  for (const { at, index, opens } of edges) {
    if (at > from) pieces.push(piece(spans, open, from, at));
    from = at;
    if (opens) open.add(index);
    else open.delete(index);
  }
  if (from < end) pieces.push(piece(spans, open, from, end));
  return pieces;
}

function piece(spans, open, start, end) {
  return { start, end, of: [...open].sort((a, b) => a - b).map((index) => spans[index]) };
}
