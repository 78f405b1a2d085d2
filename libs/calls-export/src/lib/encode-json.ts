import type { CallRow } from './call-row';

const KEYS_AFTER_ID = [
  'call_sid',
  'assistant_name',
  'customer_phone_number',
  'status',
  'duration',
  'started_at',
  'ended_at',
] satisfies (keyof CallRow)[];

/** A JSON array with an object a line, a chunk a page. */
export async function* encodeJson(pages: AsyncIterable<CallRow[]>): AsyncGenerator<string> {
  let before = '[';
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    yield `${before}\n${rows.map(encodeRow).join(',\n')}`;
    before = ',';
  }
  yield before === '[' ? '[]' : '\n]';
}

/** The id is written as the digits it comes in, since a JavaScript number is exact only up to 2^53. */
function encodeRow({ id, ...row }: CallRow): string {
  return `{"id":${id},${JSON.stringify(row, KEYS_AFTER_ID).slice(1)}`;
}
