import type { ExportFormat } from './export-format';

/** The assistants' table and its columns, as they are written in a statement. */
export interface AssistantNames {
  readonly table: string;
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
}

/**
 * A COPY of the calls to standard output, a row each, encoded byte for byte as `encodeCsvRows` and `encodeJsonRows` do but for the
 * ends of the lines. It wants the date style ISO.
 *
 * @param calls a SELECT of them, in order, with the columns `id`, `account_id`, `call_sid`, `assistant_id`,
 * `customer_phone_number`, `status`, `duration`, `started_at` and `ended_at`.
 */
export function copyCalls(format: ExportFormat, calls: string, assistants: AssistantNames): string {
  const { columns, assistantName, options } = COPY[format];
  // LATERAL keeps the calls in their order. OFFSET 0 keeps what is done to a name inside, where Memoize does it once for
  // an assistant and not once for a call.
  return `
    COPY (
      SELECT ${columns}
      FROM (${calls}) AS call
      LEFT JOIN LATERAL (
        SELECT ${assistantName(`assistants.${assistants.name}`)} AS name
        FROM ${assistants.table} AS assistants
        WHERE assistants.${assistants.id} = call.assistant_id AND assistants.${assistants.accountId} = call.account_id
        OFFSET 0
      ) AS assistant ON true
    ) TO STDOUT (${options})`;
}

/** What `\s` means in JavaScript; in PostgreSQL that depends on the locale. */
const BLANKS =
  '\\t\\n\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';

/**
 * Does what `FORMULA` in encode-csv.ts does. The regular expression runs only where a letter at the beginning, or digits
 * behind a plus, do not tell already: it would cost more than all the rest of a row.
 */
function guarded(text: string): string {
  return `
    CASE
      WHEN ascii(${text}) BETWEEN ascii('A') AND ascii('z') THEN ${text}
      WHEN rtrim(textsend(${text}), '0123456789') = '+' AND ${text} COLLATE "C" >= '+1'
        AND octet_length(${text}) BETWEEN 3 AND 16 THEN ${text}
      WHEN ${text} ~ '^(?:[\\t\\r\\n]|[${BLANKS}]*[=+@＝＋－＠-])' THEN '''' || ${text}
      ELSE ${text}
    END`;
}

/** In UTC, cut to the second. `to_char` would take twice as long. */
function time(column: string): string {
  return `replace(date_trunc('second', ${column} AT TIME ZONE 'UTC')::text, ' ', 'T')`;
}

const json = (text: string) => `to_json(${text})::text`;
const orNull = (text: string) => `coalesce(${text}, 'null')`;
const jsonTime = (column: string) => orNull(`'"' || ${time(column)} || '"'`);

const COPY = {
  csv: {
    columns: `
      call.id,
      ${guarded('call.call_sid')} AS call_sid,
      assistant.name AS assistant_name,
      ${guarded('call.customer_phone_number')} AS customer_phone_number,
      ${guarded('call.status')} AS status,
      call.duration,
      ${time('call.started_at')} AS started_at,
      ${time('call.ended_at')} AS ended_at`,
    assistantName: guarded,
    options: `FORMAT csv,
      FORCE_QUOTE (call_sid, assistant_name, customer_phone_number, status, started_at, ended_at)`,
  },
  json: {
    columns: `
      '{"id":' || call.id ||
      ',"call_sid":' || ${json('call.call_sid')} ||
      ',"assistant_name":' || ${orNull('assistant.name')} ||
      ',"customer_phone_number":' || ${orNull(json('call.customer_phone_number'))} ||
      ',"status":' || ${json('call.status')} ||
      ',"duration":' || ${orNull('call.duration::text')} ||
      ',"started_at":' || ${jsonTime('call.started_at')} ||
      ',"ended_at":' || ${jsonTime('call.ended_at')} || '}'`,
    assistantName: json,
    // As CSV with control characters in the parts of comma and quote, which JSON writes as escapes: nothing is quoted.
    options: `FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01'`,
  },
};
