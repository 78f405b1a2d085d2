import type { Call } from '@calls/data-access';
import type { Repository, SelectQueryBuilder } from 'typeorm';
import type { CallRow } from './call-row';
import type { CallsFilter } from './calls-filter';

/** 2,000 to 5,000 rows a page encode fastest. */
const PAGE_ROWS = 4_000;

/** Where a page ends; the next one begins behind it. */
interface Key {
  readonly id: string;
  readonly startedAt: string | null;
}

/**
 * Reads an account's calls in pages, the next one while the caller works on this one.
 *
 * A connection is held for the query of a page only, never while the caller works. Without dates the order is that of
 * the ids, in which calls were created and which never change; so every call comes once, whatever is written meanwhile.
 * With dates it is that of the starts, and of the ids among equal ones. Calls that are created after the first
 * page has been asked for are left out, so that the export ends.
 *
 * The first page always comes, though it may be empty.
 */
export async function* readCallPages(
  calls: Repository<Call>,
  accountId: number,
  filter: CallsFilter,
): AsyncGenerator<CallRow[]> {
  const lastId = await newestCallId(calls, accountId);
  const fetch = async (after?: Key) =>
    pageQuery(calls, accountId, filter, lastId, after).getRawMany<
      CallRow & { key: string | null }
    >();

  let fetching = fetch();
  for (;;) {
    const rows = await fetching;
    const last = rows.length === PAGE_ROWS ? rows[PAGE_ROWS - 1] : undefined;
    if (last) {
      fetching = fetch({ id: last.id, startedAt: last.key });
      // Awaited above; if that comes late or never, the failure must not count as unhandled.
      fetching.catch(() => {});
    }
    yield rows;
    if (!last) return;
  }
}

async function newestCallId(calls: Repository<Call>, accountId: number): Promise<string> {
  const newest = await calls
    .createQueryBuilder('call')
    .select('MAX(call.id)', 'id')
    .where('call.accountId = :accountId', { accountId })
    .getRawOne<{ id: string | null }>();
  return newest?.id ?? '0';
}

function pageQuery(
  calls: Repository<Call>,
  accountId: number,
  { status, assistantId, startedFrom, startedBefore }: CallsFilter,
  lastId: string,
  after: Key | undefined,
): SelectQueryBuilder<Call> {
  const byStart = startedFrom !== undefined || startedBefore !== undefined;
  const query = calls
    .createQueryBuilder('call')
    // An assistant of another account keeps its name to itself, should a call ever name one.
    .leftJoin('call.assistant', 'assistant', 'assistant.accountId = call.accountId')
    .select('call.id', 'id')
    .addSelect('call.callSid', 'call_sid')
    .addSelect('assistant.name', 'assistant_name')
    .addSelect('call.customerPhoneNumber', 'customer_phone_number')
    .addSelect('call.status', 'status')
    .addSelect('call.duration', 'duration')
    .addSelect(utcSeconds('call.startedAt'), 'started_at')
    .addSelect(utcSeconds('call.endedAt'), 'ended_at')
    .addSelect(byStart ? 'CAST(call.startedAt AS text)' : 'NULL', 'key')
    .where('call.accountId = :accountId', { accountId })
    .andWhere('call.id <= :lastId', { lastId })
    .limit(PAGE_ROWS);

  if (status !== undefined) query.andWhere('call.status = :status', { status });
  if (assistantId !== undefined) {
    query.andWhere('call.assistantId = :assistantId AND assistant.id = :assistantId', {
      assistantId,
    });
  }
  if (startedFrom !== undefined) {
    query.andWhere('call.startedAt >= :startedFrom', { startedFrom: timestamp(startedFrom) });
  }
  if (startedBefore !== undefined) {
    query.andWhere('call.startedAt < :startedBefore', { startedBefore: timestamp(startedBefore) });
  }
  if (byStart) {
    query.orderBy('call.startedAt').addOrderBy('call.id');
    if (after) query.andWhere('(call.startedAt, call.id) > (:startedAt, :id)', { ...after });
  } else {
    query.orderBy('call.id');
    if (after) query.andWhere('call.id > :id', { id: after.id });
  }
  return query;
}

/** Made by the database, so that no time zone but UTC has a say. */
function utcSeconds(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')`;
}

/** An instant, in microseconds since 1970, as PostgreSQL reads it: it has no year 0, but 1 BC. */
function timestamp(micros: bigint): string {
  const microsOfSecond = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const date = new Date(Number((micros - microsOfSecond) / 1000n));
  const year = date.getUTCFullYear();
  const monthToSecond = date.toISOString().slice(-20, -5);
  const fraction = String(microsOfSecond).padStart(6, '0');
  const yearOfEra = String(year > 0 ? year : 1 - year).padStart(4, '0');
  return `${yearOfEra}${monthToSecond}.${fraction}Z${year > 0 ? '' : ' BC'}`;
}
