import { once } from 'node:events';
import { createServer } from 'node:net';

/** The first port. All ports are below the ephemeral range, from which the operating system assigns ports. */
const FIRST = 20_000;
/** The number of Jest workers with separate port ranges. */
const WORKERS = 20;
const PORTS_PER_WORKER = 600;

const worker = Number(process.env['JEST_WORKER_ID'] ?? 0) % WORKERS;
/** Starts at a random port, because servers of the previous test file may still be listening. */
let next = Math.floor(Math.random() * PORTS_PER_WORKER);

/**
 * Returns a TCP port of 127.0.0.1 that is free and stays free until the caller listens on it: the operating
 * system does not assign it, and other Jest workers use other ranges.
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < PORTS_PER_WORKER; tried++) {
    const port = FIRST + worker * PORTS_PER_WORKER + (next++ % PORTS_PER_WORKER);
    const probe = createServer().listen(port, '127.0.0.1');
    const isFree = await once(probe, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await new Promise((closed) => probe.close(closed));
    return port;
  }
  throw new Error(`All ${PORTS_PER_WORKER} ports of this worker are in use`);
}
