import { AsyncResource } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { EncodedCalls } from '../formats/file-format';

/**
 * The progress of an export.
 *
 * @publicApi
 */
export interface ExportProgress {
  /** The number of calls so far. */
  readonly rows: number;
  /** The number of bytes so far, before compression. */
  readonly bytes: number;
}

/** What has been read of an export so far. */
export interface ExportedFile {
  readonly progress: ExportProgress;
  /** The SHA-256 of the file, in hexadecimal. Undefined until the complete file has been read. */
  readonly sha256?: string;
}

/** The state of an export that has not started. */
export const NOTHING_EXPORTED: ExportedFile = { progress: { rows: 0, bytes: 0 } };

/**
 * The file of an export, as a stream. Reads the next chunk only when the last one has been consumed.
 * Once it has emitted `close`, the export holds no statement, connection or timer.
 *
 * @publicApi
 */
export class ExportStream extends Readable implements ExportedFile {
  private readonly counts = { rows: 0, bytes: 0 };
  private readonly hash = createHash('sha256');
  private digest?: string;
  /**
   * Bound to the async context that started the export, because the event that triggers a read may
   * belong to another.
   */
  private readonly next = AsyncResource.bind(() => this.rest.next());

  /**
   * @internal Created by `CallsExportService`.
   * @param first the chunk that has already been read.
   * @param stop is aborted when the stream closes.
   */
  constructor(
    private first: IteratorResult<EncodedCalls, void> | undefined,
    private readonly rest: AsyncGenerator<EncodedCalls, void>,
    private readonly stop: AbortController,
  ) {
    // No buffer, so that a page is read only after the client has consumed the last one.
    super({ highWaterMark: 0 });
  }

  /** The number of calls and bytes read from the stream so far. */
  get progress(): ExportProgress {
    return { ...this.counts };
  }

  /** The SHA-256 of the file, in hexadecimal. Undefined unless the complete file has been read. */
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
        this.counts.rows += value.count;
        this.counts.bytes += value.bytes.length;
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
