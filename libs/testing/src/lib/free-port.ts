import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that a system chooses itself, for a server on port 0 or for the client of a connection. */
const FIRST = 20_000;
/** How many of Jest's processes have ports of their own. */
const WORKERS = 20;
const PORTS_EACH = 600;

const worker = Number(process.env['JEST_WORKER_ID'] ?? 0) % WORKERS;
/** Random, since each file of tests begins anew, and what the one before has started may still listen. */
let next = Math.floor(Math.random() * PORTS_EACH);

/**
 * A TCP port of 127.0.0.1 that nobody listens on. Nobody else gets it before the caller listens there: neither a server
 * that asks for any port, nor the tests in another process of the same run.
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < PORTS_EACH; tried++) {
    const port = FIRST + worker * PORTS_EACH + (next++ % PORTS_EACH);
    const probe = createServer().listen(port, '127.0.0.1');
    const isFree = await once(probe, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await new Promise((closed) => probe.close(closed));
    return port;
  }
  throw new Error(`Each of the ${PORTS_EACH} ports of this process is taken`);
}
