import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** curl's exit status "Failure with receiving network data": the connection was reset. */
export const RECEIVE_ERROR = 56;

/** The outcome of a download. A script knows by the exit status whether the file is complete. */
export interface CurlResult {
  readonly exitCode: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** A download by curl that pauses in the middle until `finish` is called. */
export class Curl {
  private readonly child: ChildProcessByStdio<null, Readable, null>;
  private readonly hash = createHash('sha256');
  private bytes = 0;

  constructor(url: string, authorization: string, args: string[] = []) {
    this.child = spawn(
      'curl',
      ['--silent', '--no-buffer', '-H', `Authorization: ${authorization}`, ...args, url],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
  }

  /** Waits for the first bytes. As nobody reads more, curl and then the server block on full buffers. */
  async begin(): Promise<this> {
    await once(this.child.stdout, 'readable');
    return this;
  }

  /** Aborts the download, like a user who gives up. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  async finish(): Promise<CurlResult> {
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      this.hash.update(chunk);
    });
    const [exitCode] = (await once(this.child, 'close')) as [number];
    return { exitCode, bytes: this.bytes, sha256: this.hash.digest('hex') };
  }
}
