import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';

/** A download that waits for the headers and takes the body as the test will have it. */
export class Download {
  /** Of the body, uncompressed. */
  bytes = 0;
  /** The newlines in it. */
  lines = 0;
  private readonly hash = createHash('sha256');

  private constructor(readonly response: IncomingMessage) {}

  static async open(url: string, headers: Record<string, string>): Promise<Download> {
    const request = get(url, { headers, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    // What befalls a response that nobody reads shall not end the process.
    for (const emitter of [request, response]) emitter.on('error', () => {});
    return new Download(response);
  }

  /**
   * Takes the body to its end, so many bytes a second for so many seconds, and then as fast as it comes.
   *
   * @throws where it breaks off.
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

  /** Of the body that has been taken, uncompressed; once. */
  sha256(): string {
    return this.hash.digest('hex');
  }

  /** Goes away without a word. */
  abort(): void {
    this.response.destroy();
  }
}
