import type { CallRow } from './call-row';

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
function encodeRow({ id, ...rest }: CallRow): string {
  return `{"id":${id},${JSON.stringify(rest).slice(1)}`;
}
