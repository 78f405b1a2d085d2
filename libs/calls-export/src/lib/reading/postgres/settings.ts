import type { SessionSettings } from '../dialects/dialect';
import type { PgClient } from './pg-client';

/**
 * What a session may have set otherwise and changes the texts that the server sends. For the transaction alone, so that a connection is
 * given back as it was, whoever pools it.
 */
export const OUTPUT_SETTINGS = `
  SET LOCAL TimeZone = 'UTC';
  SET LOCAL DateStyle = 'ISO';`;

/**
 * An index gives a range in its order, whatever the statistics say: on a table that was not analyzed yet the planner would else sort the
 * whole account, page after page.
 */
export const PLAN_SETTINGS = `
  SET LOCAL enable_sort = off;
  SET LOCAL enable_bitmapscan = off;
  SET LOCAL max_parallel_workers_per_gather = 0;
  SET LOCAL jit = off;`;

/**
 * All of it, and session variables, for the statement that follows in the same message: it is one transaction with them (PostgreSQL's
 * protocol, "Multiple Statements in a Simple Query").
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
