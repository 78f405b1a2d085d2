import type { DataSource } from 'typeorm';

/** The number of rows per INSERT: large enough to hide the round trips, small enough to show progress. */
const BATCH = 20_000;
const ASSISTANTS = ['Support Bot', 'Sales Rep', 'Booking Desk', 'After Hours', 'Collections'];

/**
 * Adds random calls to an account, one per minute up to now, oldest first. Adds assistants if the account has
 * none.
 *
 * Most calls are completed; some are failed, busy, canceled or unanswered, and the newest ones may not have
 * ended.
 *
 * @param onProgress called with the number of calls added so far.
 */
export async function seedCalls(
  dataSource: DataSource,
  accountId: number | string,
  count: number,
  onProgress: (added: number) => void = () => {},
): Promise<void> {
  await dataSource.query(
    `INSERT INTO assistants (account_id, name)
     SELECT $1, unnest($2::text[])
     WHERE NOT EXISTS (SELECT FROM assistants WHERE account_id = $1)`,
    [accountId, ASSISTANTS],
  );
  for (let added = 0; added < count;) {
    const last = Math.min(added + BATCH, count);
    await dataSource.query(INSERT_CALLS, [accountId, count - added, count - last + 1]);
    added = last;
    onProgress(added);
  }
  // Autovacuum may take minutes to analyze; until then, queries are planned for small tables.
  await dataSource.query('ANALYZE assistants, calls');
}

/** Parameters: the account, and how many minutes ago the first and the last call were created. */
const INSERT_CALLS = `
  INSERT INTO calls
    (account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at, created_at)
  SELECT
    $1,
    'CA' || replace(gen_random_uuid()::text, '-', ''),
    CASE WHEN random() < 0.95 THEN assistants.ids[1 + floor(random() * cardinality(assistants.ids))] END,
    CASE WHEN random() < 0.98 THEN '+1' || (2000000000 + floor(random() * 7999999999))::bigint END,
    status,
    CASE WHEN ended THEN duration END,
    started_at,
    CASE WHEN ended THEN started_at + duration * interval '1 second' END,
    created_at
  FROM (SELECT array_agg(id) AS ids FROM assistants WHERE account_id = $1) AS assistants
  CROSS JOIN generate_series($2::int, $3::int, -1) AS minutes_ago
  CROSS JOIN LATERAL (
    SELECT
      now() - minutes_ago * interval '1 minute' + random() * interval '30 seconds' AS created_at,
      random() AS outcome,
      floor(5 + 900 * random() ^ 3)::int AS duration
  ) AS drawn
  CROSS JOIN LATERAL (
    SELECT CASE
      WHEN minutes_ago <= 20 AND outcome < 0.8
        THEN (ARRAY['queued', 'initiated', 'ringing', 'in-progress'])[1 + floor(outcome * 5)::int]
      WHEN outcome < 0.80 THEN 'completed'
      WHEN outcome < 0.88 THEN 'no-answer'
      WHEN outcome < 0.94 THEN 'busy'
      WHEN outcome < 0.97 THEN 'failed'
      ELSE 'canceled'
    END AS status
  ) AS stated
  CROSS JOIN LATERAL (
    SELECT
      status = 'completed' AS ended,
      CASE WHEN status IN ('completed', 'in-progress') THEN created_at + random() * interval '8 seconds' END AS started_at
  ) AS timed
  ORDER BY minutes_ago DESC
`;
