import { AsyncResource } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { EncodedCalls } from '../formats/file-format';

/** How far an export is. */
export interface ExportProgress {
  /** Calls. */
  readonly rows: number;
  /** Bytes of the file. */
  readonly bytes: number;
}

/** What has been read of an export. */
export interface ExportedFile {
  readonly progress: ExportProgress;
  /** The SHA-256 of the file, in hexadecimal. Undefined until the whole file has been read. */
  readonly sha256?: string;
}

/** Of an export that has not begun. */
export const NOTHING_EXPORTED: ExportedFile = { progress: { rows: 0, bytes: 0 } };

/**
 * An export as a stream. It asks for a piece when the last one has been taken, and when it has closed nothing of the
 * export is left: no statement, no connection, no timer.
 */
export class ExportStream extends Readable implements ExportedFile {
  private readonly done = { rows: 0, bytes: 0 };
  private readonly hash = createHash('sha256');
  private digest?: string;
  /** What it does belongs to the request that began the export, whatever event it is that asks for the next piece. */
  private readonly next = AsyncResource.bind(() => this.rest.next());

  /**
   * @param first the piece that has been read already.
   * @param stop is aborted when the stream is destroyed.
   */
  constructor(
    private first: IteratorResult<EncodedCalls, void> | undefined,
    private readonly rest: AsyncGenerator<EncodedCalls, void>,
    private readonly stop: AbortController,
  ) {
    // Without a buffer of its own, so that no page is taken before the client has taken the last one.
    super({ highWaterMark: 0 });
  }

  /** What has been handed over so far. */
  get progress(): ExportProgress {
    return { ...this.done };
  }

  /**
   * The SHA-256 of the file, in hexadecimal, as `sha256sum` prints it. Undefined until the whole file has been read, and
   * for good if it breaks off.
   */
  get sha256(): string | undefined {
    return this.digest;
  }

  /** @internal */
  override async _read(): Promise<void> {
    try {
      const { value } = this.first ?? (await this.next());
      this.first = undefined;
      if (this.destroyed) return;
      if (value) {
        this.done.rows += value.count;
        this.done.bytes += value.bytes.length;
        this.hash.update(value.bytes);
      } else {
        this.digest = this.hash.digest('hex');
      }
      this.push(value ? value.bytes : null);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  /** @internal */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.stop.abort();
    void this.rest.return().finally(() => callback(error));
  }
}
