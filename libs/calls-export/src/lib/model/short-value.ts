/** The maximum number of characters of a text in the log. */
const TEXT_MAX = 200;
/** The maximum number of items of a list, or fields of an object. */
const ITEMS_MAX = 20;
const DEPTH_MAX = 3;

/** Truncates a text for the log, because a client controls its length, and appends the full length. */
export function shortText(text: string): string {
  if (text.length <= TEXT_MAX) return text;
  // Don't split a surrogate pair.
  const kept = text.slice(0, TEXT_MAX).replace(/[\uD800-\uDBFF]$/, '');
  return `${kept}… (${text.length} characters)`;
}

/**
 * Truncates a value for the log: long texts, many items, deep nesting. A bigint becomes a string, for JSON.
 */
export function shortValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return shortText(value);
  if (typeof value === 'bigint') return shortText(String(value));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth === DEPTH_MAX) return '…';
  const short = (item: unknown) => shortValue(item, depth + 1);
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_MAX).map(short);
    return value.length > ITEMS_MAX ? [...items, more(value.length)] : items;
  }
  const fields = Object.entries(value);
  const kept = fields.slice(0, ITEMS_MAX).map(([name, field]) => [shortText(name), short(field)]);
  // Keeps an own field named `__proto__`.
  return Object.fromEntries(
    fields.length > ITEMS_MAX ? [...kept, ['…', more(fields.length)]] : kept,
  );
}

function more(count: number): string {
  return `… (${count} in all)`;
}
