import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { pipeline, type Readable, Transform } from 'node:stream';
import { acknowledgedBytes, isBackedUp } from './acknowledged-bytes';
import { type NodeResponse, onClose } from './node-response';

/** The number of checks within one timeout. A long timeout has more: one every `MAX_PAUSE_MS`. */
const CHECKS = 4;
const MAX_PAUSE_MS = 10_000;

/** The default maximum frame size of HTTP/2 (RFC 9113, section 4.2). */
const SLICE_BYTES = 16 * 1024;

/**
 * Calls `onIdle` once if data waits for the client and the client reads none of it for `seconds`. Stops
 * when the response closes.
 *
 * Over HTTP/1, acknowledged data counts as read. Over HTTP/2, the client's flow control windows must
 * let the data through as well. Write such a response {@link inSlices}, so that progress shows with
 * each slice.
 */
export function watchClient(response: NodeResponse, seconds: number, onIdle: () => void): void {
  const client = 'stream' in response ? http2Client(response) : http1Client(response);
  const timeout = seconds * 1000;
  const pause = Math.min(timeout / CHECKS, MAX_PAUSE_MS);
  let last: string | undefined;
  // Counted in checks, not by the clock, so that a stalled process does not blame the client.
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
    removeCloseListener();
  };
  const removeCloseListener = onClose(response, stop);
}

interface WatchedClient {
  /** Returns a value that changes when the client reads data. Undefined while no data waits. */
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
      // The client also acknowledges other frames, such as replies to pings. So acknowledged bytes count
      // only while the socket is the bottleneck.
      const acknowledged = isBackedUp(socket) ? await acknowledgedBytes(socket) : '';
      return [drains, stream.writableLength, acknowledged].join();
    },
    release() {
      stream.off('drain', onDrain);
    },
  };
}

/**
 * Splits the chunks of a stream into small slices. For HTTP/2, Node reports only when a whole chunk is
 * sent. At 200 bytes a second, a page of half a megabyte would show no progress for 40 minutes.
 */
export function inSlices(source: Readable): Readable {
  const slices = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let start = 0; start < chunk.length; start += SLICE_BYTES) {
        this.push(chunk.subarray(start, start + SLICE_BYTES));
      }
      done();
    },
  });
  // If either stream fails or closes early, pipeline closes the other. The caller sees the error on the
  // stream it holds.
  return pipeline(source, slices, () => {});
}
