import { randomBytes } from 'node:crypto';
import type { TestDatabase } from '@calls/testing';
import type { AccountId } from '../src';

/** The tenants' names, with every character that is special in SQL. The first one is account 1. */
const TENANTS = [
  'plain',
  `it's`,
  `'' OR true --`,
  'say "hello"',
  'back\\slash\\',
  `\\'; RESET app.tenant; --`,
  '$1 $2 $$',
  ':account ? %s %L',
  "/* ✂ */ E'\\x41'\n\ttab",
];
export const ACCOUNTS = TENANTS.map((_, index) => index + 1);
/** More than a stream buffers. */
export const CALLS_EACH = 2_000;
export const STATUSES = ['completed', 'busy', 'failed'];
export const tenantOf = (account: AccountId) => TENANTS[Number(account) - 1] as string;
/** The settings that the policies require. */
export const settings = (account: AccountId) => ({
  'app.tenant': tenantOf(account),
  'app.role': 'export',
});

/**
 * Creates policies that show a tenant only its own rows, a role that is subject to them, and calls of each
 * tenant.
 *
 * @returns the database's URL for that role.
 */
export async function createTenants(
  { dataSource, url }: TestDatabase,
  role: string,
): Promise<string> {
  const password = randomBytes(12).toString('hex');
  for (const statement of [
    `CREATE ROLE ${role} LOGIN NOBYPASSRLS PASSWORD '${password}'`,
    `GRANT SELECT ON calls, assistants TO ${role}`,
    `ALTER TABLE calls ADD tenant text NOT NULL`,
    `ALTER TABLE assistants ADD tenant text NOT NULL`,
    `ALTER TABLE calls ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE assistants ENABLE ROW LEVEL SECURITY`,
    `CREATE POLICY own_calls ON calls USING (tenant = current_setting('app.tenant', true))`,
    `CREATE POLICY own_assistants ON assistants USING (
       tenant = current_setting('app.tenant', true) AND current_setting('app.role', true) = 'export')`,
  ]) {
    await dataSource.query(statement);
  }
  await dataSource.query(
    `INSERT INTO assistants (account_id, name, tenant)
     SELECT account, 'Assistant ' || n || ' of ' || tenant, tenant
     FROM generate_series(1, 3) AS n, unnest($1::text[]) WITH ORDINALITY AS tenants (tenant, account)`,
    [TENANTS],
  );
  await dataSource.query(
    `INSERT INTO calls (account_id, call_sid, assistant_id, status, started_at, tenant)
     SELECT
       account, 'CA' || account || '-' || n,
       (SELECT (array_agg(id ORDER BY id))[1 + n % 3] FROM assistants WHERE account_id = account),
       ($2::text[])[1 + n / 3 % 3], timestamptz '2023-10-30 10:00Z' + n * interval '1 minute', tenant
     FROM generate_series(1, $3::int) AS n, unnest($1::text[]) WITH ORDINALITY AS tenants (tenant, account)`,
    [TENANTS, STATUSES, CALLS_EACH],
  );
  await dataSource.query('ANALYZE');
  return Object.assign(new URL(url), { username: role, password }).href;
}
