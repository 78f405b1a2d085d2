import type { SessionSettings } from '../dialects/dialect';
import type { PgClient } from './pg-client';

/**
 * Settings that change the text that the server sends. LOCAL, so that the connection returns to the pool
 * unchanged, even behind a pooler.
 */
export const OUTPUT_SETTINGS = `
  SET LOCAL TimeZone = 'UTC';
  SET LOCAL DateStyle = 'ISO';`;

/**
 * Settings that make the planner read a page in index order. On a table without statistics, it would
 * otherwise sort all calls of the account for every page.
 */
export const PLAN_SETTINGS = `
  SET LOCAL enable_sort = off;
  SET LOCAL enable_bitmapscan = off;
  SET LOCAL max_parallel_workers_per_gather = 0;
  SET LOCAL jit = off;`;

/**
 * Returns statements that apply all settings and session variables to the statement after them in the same
 * message. One message is one transaction (PostgreSQL's protocol, "Multiple Statements in a Simple Query").
 */
export function settingsOf(
  settings: SessionSettings,
  client: Pick<PgClient, 'escapeLiteral'>,
): string {
  const own = Object.entries(settings).map(
    ([name, value]) =>
      `\n  SELECT set_config(${client.escapeLiteral(name)}, ${client.escapeLiteral(value)}, true);`,
  );
  return `${OUTPUT_SETTINGS}${PLAN_SETTINGS}${own.join('')}\n`;
}
