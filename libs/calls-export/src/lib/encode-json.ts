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

/** Objects for a JSON array, each on a line of its own, with commas between them. */
export function encodeJsonRows(rows: CallRow[]): string {
  return rows.map(encodeRow).join(',\n');
}

/** The id is written as the digits it comes in, since a JavaScript number is exact only up to 2^53. */
function encodeRow({ id, ...row }: CallRow): string {
  return `{"id":${id},${JSON.stringify(row, KEYS_AFTER_ID).slice(1)}`;
}
