import { once } from 'node:events';
import { createServer } from 'node:net';

/** The first port, below the ephemeral range, from which systems assign ports themselves. */
const FIRST = 20_000;
/** The number of Jest workers with separate port ranges. */
const WORKERS = 20;
const PORTS_EACH = 600;

const worker = Number(process.env['JEST_WORKER_ID'] ?? 0) % WORKERS;
/** Starts at a random port, because servers of the previous test file may still be listening. */
let next = Math.floor(Math.random() * PORTS_EACH);

/**
 * Returns a TCP port of 127.0.0.1 that is free and stays free until the caller listens on it: systems don't
 * assign it, and other Jest workers use other ranges.
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
  throw new Error(`All ${PORTS_EACH} ports of this worker are in use`);
}
