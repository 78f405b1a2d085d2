import { UnexportableCallError } from './export-errors';
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
 * ends of the lines. It wants the date style ISO and the time zone UTC.
 *
 * @param calls a SELECT of them, in order, with the columns that `CallsQuery.matches` has.
 */
export function copyCalls(
  format: ExportFormat,
  calls: string,
  assistants: AssistantNames,
  formulaGuard: boolean,
): string {
  const { columns, assistantName, options } =
    format === 'json' ? JSON_COPY : formulaGuard ? GUARDED_CSV_COPY : CSV_COPY;
  // LATERAL keeps the calls in their order. OFFSET 0 keeps what is done to a name inside, where Memoize does it once for
  // an assistant and not once for a call.
  return `
    COPY (
      SELECT ${columns}
      FROM (${calls}) AS call
      LEFT JOIN LATERAL (
        SELECT ${assistantName(`assistants.${assistants.name}::text`)} AS name
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

/**
 * In UTC, cut to the second; a time without a zone is taken for UTC. `to_char` would take twice as long. A year that has not four digits, or infinity, fails the
 * statement with an error that names the call: SQL has no way to raise one but a cast.
 */
function time(field: 'started_at' | 'ended_at'): string {
  const column = `call.${field}`;
  return `
    CASE
      WHEN ${column} >= timestamptz '0001-01-01 00:00:00Z' AND ${column} < timestamptz '10000-01-01 00:00:00Z'
        THEN replace(date_trunc('second', ${column}::timestamp)::text, ' ', 'T')
      WHEN ${column} IS NOT NULL THEN ('call ' || call.id || ' ${field}')::int::text
    END`;
}

/** The error in which the statement's one is turned that stopped at a call. */
export function unexportableCall(error: unknown): UnexportableCallError | undefined {
  const [, id, field] = /\bcall (\d+) (started_at|ended_at)\b/.exec(String(error)) ?? [];
  return id && field ? new UnexportableCallError(id, field) : undefined;
}

const json = (text: string) => `to_json(${text})::text`;
const orNull = (text: string) => `coalesce(${text}, 'null')`;
const jsonTime = (field: 'started_at' | 'ended_at') => orNull(`'"' || ${time(field)} || '"'`);

const JSON_COPY = {
  columns: `
    '{"id":' || call.id ||
    ',"call_sid":' || ${json('call.call_sid')} ||
    ',"assistant_name":' || ${orNull('assistant.name')} ||
    ',"customer_phone_number":' || ${orNull(json('call.customer_phone_number'))} ||
    ',"status":' || ${json('call.status')} ||
    ',"duration":' || ${orNull('call.duration::text')} ||
    ',"started_at":' || ${jsonTime('started_at')} ||
    ',"ended_at":' || ${jsonTime('ended_at')} || '}'`,
  assistantName: json,
  // As CSV with control characters in the parts of comma and quote, which JSON writes as escapes: nothing is quoted.
  options: `FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01'`,
};

const CSV_COPY = csvCopy((text) => text);
const GUARDED_CSV_COPY = csvCopy(guarded);

/** @param guard what is done to a text. */
function csvCopy(guard: (text: string) => string) {
  return {
    columns: `
      call.id,
      ${guard('call.call_sid')} AS call_sid,
      assistant.name AS assistant_name,
      ${guard('call.customer_phone_number')} AS customer_phone_number,
      ${guard('call.status')} AS status,
      call.duration,
      ${time('started_at')} AS started_at,
      ${time('ended_at')} AS ended_at`,
    assistantName: guard,
    options: `FORMAT csv,
      FORCE_QUOTE (call_sid, assistant_name, customer_phone_number, status, started_at, ended_at)`,
  };
}
