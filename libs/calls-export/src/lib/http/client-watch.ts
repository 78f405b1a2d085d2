import { readFile, readlink } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** So many times in the period it is looked whether the client has taken something. */
const LOOKS = 4;

/**
 * Watches a response until it has closed.
 *
 * @param seconds after which a client has taken nothing of what waits for it that `onIdle` is called.
 */
export function watchClient(response: ServerResponse, seconds: number, onIdle: () => void): void {
  let last = '';
  let since = performance.now();
  const { socket } = response.req;
  const look = async () => {
    // A response that waits behind another one on its connection may never close.
    if (response.destroyed || socket.destroyed) return clearInterval(timer);
    const state = await sendState(socket);
    if (state === last && performance.now() - since >= seconds * 1000) onIdle();
    if (state === last) return;
    last = state ?? '';
    since = performance.now();
  };
  const timer = setInterval(() => void look(), (seconds * 1000) / LOOKS);
  timer.unref();
  response.once('close', () => clearInterval(timer));
}

/** Changes whenever the client takes something; undefined while nothing waits for it. */
async function sendState(socket: Socket): Promise<string | undefined> {
  // What libuv knows of a TCP socket; Node shows it to nobody, but its own timeout looks at the same.
  const { fd, writeQueueSize } =
    (socket as { _handle?: { fd?: number; writeQueueSize?: number } | null })._handle ?? {};
  if (!socket.writableLength) return undefined;
  return [socket.bytesWritten, writeQueueSize, await unacknowledgedBytes(fd)].join();
}

/**
 * The bytes that the kernel holds for the peer, on Linux. It tells the process only when a third of its buffer has become
 * free, which a client that takes 10 KB/s may need minutes for; elsewhere that has to do.
 */
async function unacknowledgedBytes(fd: number | undefined): Promise<string | undefined> {
  try {
    const inode = /\d+/.exec(await readlink(`/proc/self/fd/${fd}`))?.[0];
    for (const table of ['tcp', 'tcp6']) {
      // Documented in the kernel's Documentation/networking/proc_net_tcp.rst: field 4 is `tx_queue:rx_queue`, 9 the inode.
      for (const line of (await readFile(`/proc/self/net/${table}`, 'utf8')).split('\n')) {
        const fields = line.trim().split(/\s+/);
        if (fields[9] === inode) return fields[4]?.split(':')[0];
      }
    }
  } catch {
    // Not Linux, or closed meanwhile.
  }
  return undefined;
}
