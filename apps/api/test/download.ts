import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';

/** So many calls that their JSON file exceeds all socket buffers: the export runs until a client reads it. */
export const LARGE_EXPORT = 60_000;

/** A download that receives the headers first, and the body when the test reads it. */
export class Download {
  /** Size of the uncompressed body read so far. */
  bytes = 0;
  /** How many newlines it has. */
  lines = 0;
  private readonly hash = createHash('sha256');

  private constructor(readonly response: IncomingMessage) {}

  static async open(url: string, headers: Record<string, string>): Promise<Download> {
    const request = get(url, { headers, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    // An error of a response that nobody reads must not end the process.
    for (const emitter of [request, response]) emitter.on('error', () => {});
    return new Download(response);
  }

  /**
   * Reads the body to its end, at a limited rate for a number of seconds, then at full speed.
   *
   * @throws if the response is aborted.
   */
  async take(bytesPerSecond = Infinity, seconds = Infinity): Promise<this> {
    const fastFrom = performance.now() + seconds * 1000;
    const { response } = this;
    const isCompressed = response.headers['content-encoding'] === 'gzip';
    const body: Readable = isCompressed ? pipeline(response, createGunzip(), () => {}) : response;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      this.bytes += chunk.length;
      this.hash.update(chunk);
      for (const byte of chunk) if (byte === 10) this.lines++;
      if (bytesPerSecond < Infinity && performance.now() < fastFrom)
        await sleep((1000 * chunk.length) / bytesPerSecond);
    }
    return this;
  }

  /** The digest of the uncompressed body. Can be called once. */
  sha256(): string {
    return this.hash.digest('hex');
  }

  /** Closes the connection. */
  abort(): void {
    this.response.destroy();
  }
}
