import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { pipeline, type Readable, Transform } from 'node:stream';
import { acknowledgedBytes, isBackedUp } from './acknowledged-bytes';
import { type NodeResponse, onClose } from './node-response';

/** A client is checked this many times within the timeout, and at least every ten seconds. */
const CHECKS = 4;
const MAX_PAUSE_MS = 10_000;

/** The default maximum frame size of HTTP/2 (RFC 9113, section 4.2). */
const SLICE_BYTES = 16 * 1024;

/**
 * Calls `onIdle` once if data waits for the client, and the client takes none of it for `seconds`. Stops when the response
 * closes.
 *
 * Over HTTP/1, a client takes data by acknowledging it. Over HTTP/2, its flow control windows must let the data through as
 * well; write the response {@link inSlices}, so that each slice is seen to leave.
 */
export function watchClient(response: NodeResponse, seconds: number, onIdle: () => void): void {
  const client = 'stream' in response ? http2Client(response) : http1Client(response);
  const timeout = seconds * 1000;
  const pause = Math.min(timeout / CHECKS, MAX_PAUSE_MS);
  let last: string | undefined;
  // Counted in checks, so that a process that stood still does not blame the client.
  let idleChecks = 0;
  let isStopped = false;

  const check = async () => {
    const progress = await client.progress();
    if (isStopped) return;
    idleChecks = progress !== undefined && progress === last ? idleChecks + 1 : 0;
    last = progress;
    if (idleChecks * pause < timeout) {
      timer.refresh();
      return;
    }
    stop();
    onIdle();
  };
  const timer = setTimeout(() => void check(), pause).unref();
  const stop = () => {
    isStopped = true;
    clearTimeout(timer);
    client.release();
    forgetClose();
  };
  const forgetClose = onClose(response, stop);
}

interface WatchedClient {
  /** Changes when the client takes data. Undefined while no data waits for it. */
  progress(): Promise<string | undefined>;
  /** Removes the listeners. */
  release(): void;
}

function http1Client({ req: { socket } }: ServerResponse): WatchedClient {
  return {
    async progress() {
      return socket.writableLength ? String(await acknowledgedBytes(socket)) : undefined;
    },
    release() {},
  };
}

function http2Client({ stream }: Http2ServerResponse): WatchedClient {
  let drains = 0;
  const onDrain = () => (drains += 1);
  stream.on('drain', onDrain);
  return {
    async progress() {
      const socket = stream.session?.socket;
      if (!stream.writableLength || !socket) return undefined;
      // Other frames, such as the answers to pings, move the socket too. So it counts only while it is what holds data up.
      const acknowledged = isBackedUp(socket) ? await acknowledgedBytes(socket) : '';
      return [drains, stream.writableLength, acknowledged].join();
    },
    release() {
      stream.off('drain', onDrain);
    },
  };
}

/**
 * The same bytes in small pieces. Node does not tell how much of a piece an HTTP/2 stream has sent, only when all of it is
 * sent. At 200 bytes a second, a page of half a megabyte would take 40 minutes.
 */
export function inSlices(source: Readable): Readable {
  const slices = new Transform({
    transform(piece: Buffer, _encoding, done) {
      for (let start = 0; start < piece.length; start += SLICE_BYTES) {
        this.push(piece.subarray(start, start + SLICE_BYTES));
      }
      done();
    },
  });
  // If either stream fails or closes early, so does the other; the caller sees it on the one it holds.
  return pipeline(source, slices, () => {});
}
