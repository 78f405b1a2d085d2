/** Measures how many database connections are held by clients that stop reading. */
import { once } from 'node:events';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { queryOnce } from './programs.mjs';

export const SLOW_CLIENTS = 10;
const HANGS_AFTER_SECONDS = 10;

/** @returns how many connections the paused clients hold, and whether another export still begins. */
export async function holdWithSlowClients({ url, headers }, databaseUrl) {
  const open = async () => {
    const [response] = await once(get(url, { headers, agent: false }), 'response');
    return response;
  };
  const responses = await Promise.all(Array.from({ length: SLOW_CLIENTS }, open));
  // Wait until the sockets' buffers are full.
  await sleep(5000);
  const [{ held }] = await queryOnce(
    databaseUrl,
    `SELECT count(*)::int AS held FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'`,
  );
  const another = open().catch(() => undefined);
  const next = await Promise.race([another, sleep(HANGS_AFTER_SECONDS * 1000)]);
  next?.destroy();
  for (const response of responses) response.destroy();
  await sleep(1000);
  return { connections: held, nextBegins: next !== undefined };
}
