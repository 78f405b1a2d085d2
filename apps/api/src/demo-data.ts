import { seedCalls } from '@calls/seed-calls';
import { CALL_STATUSES } from 'nestjs-calls-export';
import { DEMO_ACCOUNTS } from './account-type';
import type { DataSource } from 'typeorm';

/** How many calls each demo account has. The first one also gets calls with awkward names. */
const CALLS_PER_ACCOUNT = [3000, 1500, 500];

/** Names that break spreadsheets and naive parsers. */
const AWKWARD_NAMES = [
  '=HYPERLINK("http://example.com","Click me")',
  'Smith, Jones & "Partners"',
  "-O'Brien\nNight shift",
  'Günther Ångström ☎️ 受付',
  '  padded  ',
];

/** Adds accounts and a few thousand calls to a database without calls. */
export async function loadDemoData(
  dataSource: DataSource,
  accounts = DEMO_ACCOUNTS.integer,
): Promise<void> {
  const [{ has_calls }] = await dataSource.query(`SELECT EXISTS (SELECT FROM calls) AS has_calls`);
  if (has_calls) return;
  for (const [index, account] of accounts.entries()) {
    await seedCalls(dataSource, account, CALLS_PER_ACCOUNT[index] as number);
  }
  // Adds a call of every status for every awkward name; some have not ended.
  await dataSource.query(
    `WITH added AS (
       INSERT INTO assistants (account_id, name) SELECT $3, unnest($1::text[]) RETURNING id, account_id
     )
     INSERT INTO calls (account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at)
     SELECT
       added.account_id,
       'CA' || replace(gen_random_uuid()::text, '-', ''),
       added.id,
       '+15550100' || lpad(added.id::text, 3, '0'),
       status,
       CASE WHEN status = 'completed' THEN 90 END,
       CASE WHEN status IN ('completed', 'in-progress', 'ongoing') THEN now() - interval '2 minutes' END,
       CASE WHEN status = 'completed' THEN now() - interval '30 seconds' END
     FROM added CROSS JOIN unnest($2::text[]) AS status`,
    [AWKWARD_NAMES, [...CALL_STATUSES], accounts[0]],
  );
}
