import { readFile, readlink } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** libuv's side of a socket. Node does not document these fields, but its own socket timeout reads them. */
interface Handle {
  readonly fd?: number;
  /** Bytes handed to libuv so far, including those in its queue. */
  readonly bytesWritten?: number;
  /** Bytes that the kernel has not accepted yet. */
  readonly writeQueueSize?: number;
}

function handleOf(socket: Socket): Handle {
  const { _handle: handle } = socket as { _handle?: (Handle & { _parent?: Handle }) | null };
  // The handle of a TLS socket wraps that of the TCP socket.
  return handle?._parent ?? handle ?? {};
}

/** Whether bytes wait in the process because the kernel's send buffer is full. */
export function isBackedUp(socket: Socket): boolean {
  return Boolean(handleOf(socket).writeQueueSize);
}

/**
 * Returns how many bytes the peer has acknowledged so far.
 *
 * Without Linux's `/proc` it returns how many bytes the kernel has accepted. Once the kernel's buffer
 * is full, that number grows only when about a third of the buffer is free again.
 */
export async function acknowledgedBytes(socket: Socket): Promise<number> {
  const handle = handleOf(socket);
  const unacknowledged = (await kernelQueue(handle.fd)) ?? 0;
  return (handle.bytesWritten ?? 0) - (handle.writeQueueSize ?? 0) - unacknowledged;
}

/** Returns the size of the kernel's send queue, which holds bytes until the peer acknowledges them. */
async function kernelQueue(fd: number | undefined): Promise<number | undefined> {
  try {
    const inode = /\d+/.exec(await readlink(`/proc/self/fd/${fd}`))?.[0];
    for (const table of ['tcp', 'tcp6']) {
      // The kernel's Documentation/networking/proc_net_tcp.rst: field 4 is `tx_queue:rx_queue`, field 9
      // the inode.
      for (const line of (await readFile(`/proc/self/net/${table}`, 'utf8')).split('\n')) {
        const fields = line.trim().split(/\s+/);
        if (fields[9] === inode) return parseInt(fields[4] as string, 16);
      }
    }
  } catch {
    // Not Linux, not TCP, or the socket has closed meanwhile.
  }
  return undefined;
}
