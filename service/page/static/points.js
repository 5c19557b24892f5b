// Offsets in answers count Unicode code points; strings here are UTF-16, in which some characters are two units.

export class Points {
  constructor(text) {
    /** Code points before each character of two units. */
    this.wide = [];
    let point = 0;
    for (let unit = 0; unit < text.length; point++) {
      const wide = text.codePointAt(unit) > 0xffff;
      if (wide) this.wide.push(point);
      unit += wide ? 2 : 1;
    }
    this.length = point;
  }

  /** The unit at which a code point begins. */
  unit(point) {
    return point + count(this.wide, (at) => at < point);
  }

  /** The code point at a unit. */
  point(unit) {
    return unit - count(this.wide, (at, index) => at + index < unit);
  }
}

/** How many items in front fulfil a condition, where none behind them does. */
function count(items, holds) {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle], middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
