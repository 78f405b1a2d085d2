import type { Readable } from 'node:stream';
import { HttpException, IntrinsicException, StreamableFile } from '@nestjs/common';
import type { ExportAudit } from '../export/export-audit';
import type { ExportOutcome } from '../export/export-report';
import { type ExportStream, NOTHING_EXPORTED } from '../export/export-stream';
import { reasonOf } from '../model/export-errors';
import { abortResponse } from './abort-response';
import { inSlices, watchClient } from './client-watch';
import { compress } from './compression';
import { type FileHead, setExportHeaders } from './export-headers';
import { sendTrailers } from './export-trailers';
import { toHttpError } from './http-errors';
import { type HttpResponse, type NodeResponse, nodeResponseOf, onClose } from './node-response';

/** How long a client may take to download a file. */
export interface TransferLimits {
  /** How long a client may read nothing, in seconds. */
  readonly idleTimeout: number;
  /** How long the download may take in total, in seconds. Infinity for no limit. */
  readonly maxDuration: number;
}

interface TransferResult {
  readonly outcome: ExportOutcome;
  readonly reason?: string;
  /** The stack of an unexpected error. */
  readonly stack?: string;
}

/** For example, a timeout interceptor of the host app sent a response. */
const ALREADY_RESPONDED: TransferResult = {
  outcome: 'refused',
  reason: 'something else in the app had already responded',
};

/**
 * Sends an export as a response. When the response is over, however it ends, the export is closed and
 * audited.
 */
export class ExportTransfer {
  private readonly raw: NodeResponse;
  private readonly disconnected = new AbortController();
  private readonly cleanUps: (() => void)[] = [];
  private readonly result: Promise<TransferResult>;
  private settle!: (result: TransferResult) => void;
  private isOver = false;

  /** @param reply sends a file through the app's platform. */
  constructor(
    private readonly response: HttpResponse,
    private readonly limits: TransferLimits,
    private readonly audit: ExportAudit,
    private readonly reply: (file: StreamableFile) => void,
  ) {
    this.raw = nodeResponseOf(response);
    this.result = new Promise((resolve) => (this.settle = resolve));
  }

  /**
   * Opens the export and sends it. If the client disconnects while `open` runs, its signal is aborted.
   *
   * @returns a promise that resolves when the first byte is on its way, or when there is no file. If
   *   the handler returned earlier, Fastify would send an empty response. If it returned later, a
   *   host app's timeout interceptor would interrupt the download.
   * @throws HttpException or IntrinsicException (a 500) if the export could not start.
   */
  send(open: (signal: AbortSignal) => Promise<ExportStream>, head: FileHead): Promise<void> {
    return new Promise((resolve, reject) => {
      this.run(open, head, resolve).then(resolve, reject);
    });
  }

  private async run(
    open: (signal: AbortSignal) => Promise<ExportStream>,
    head: FileHead,
    onStart: () => void,
  ): Promise<void> {
    const { raw, response, audit } = this;
    let stream: ExportStream | undefined;
    let result: TransferResult = { outcome: 'aborted' };
    this.cleanUps.push(onClose(raw, () => this.disconnected.abort()));
    try {
      stream = await open(this.disconnected.signal);
      if (this.disconnected.signal.aborted) return;
      if (raw.headersSent) {
        result = ALREADY_RESPONDED;
        return;
      }
      setExportHeaders(response, head);
      sendTrailers(response, stream);
      audit.begin();
      const file = compress(stream, response.getHeader('Content-Encoding'));
      result = await this.transfer('stream' in raw ? inSlices(file) : file, onStart);
    } catch (error) {
      if (raw.headersSent) result = ALREADY_RESPONDED;
      else if (!this.disconnected.signal.aborted) {
        const httpError = toHttpError(error, response);
        const isExpected = httpError instanceof HttpException;
        result = {
          outcome: 'refused',
          reason: reasonOf(error),
          ...(!isExpected && { stack: httpError.stack }),
        };
        throw isExpected ? httpError : unlogged(httpError);
      }
    } finally {
      this.isOver = true;
      for (const cleanUp of this.cleanUps) cleanUp();
      stream?.destroy();
      // A host app's tests may replace the export with any stream.
      const file = stream?.progress ? stream : NOTHING_EXPORTED;
      audit.end(result.outcome, file, result.reason, result.stack);
    }
  }

  /** Sends the file, and aborts the response if it would end before the file does. */
  private async transfer(file: Readable, onStart: () => void): Promise<TransferResult> {
    const { raw, cleanUps } = this;
    const { idleTimeout, maxDuration } = this.limits;
    let isFullyRead = false;
    let isFlushed = false;
    file.once('error', (error) => this.fail(reasonOf(error)));
    file.once('end', () => (isFullyRead = true));
    raw.once('pipe', () => file.once('data', onStart));
    raw.once('finish', () => (isFlushed = true));
    cleanUps.push(
      onClose(raw, () => {
        const isComplete = isFullyRead && isFlushed && !wasCanceled(raw);
        this.settle({ outcome: isComplete ? 'completed' : 'aborted' });
      }),
    );
    this.preventEarlyEnd(() => isFullyRead || file.readableEnded);
    this.abortIfHalfClosed();
    watchClient(raw, idleTimeout, () =>
      this.fail(`the client has read nothing for ${idleTimeout} seconds`),
    );
    if (maxDuration < Infinity) {
      const onTimeout = () => this.fail(`the export has taken longer than ${maxDuration} seconds`);
      const timer = setTimeout(onTimeout, maxDuration * 1000);
      cleanUps.push(() => clearTimeout(timer));
    }
    this.reply(
      new StreamableFile(file)
        // The response is already aborted. Some versions of Nest would end it as if the file were complete.
        .setErrorHandler(() => {})
        .setErrorLogger(() => {}),
    );
    return this.result.finally(() => file.destroy());
  }

  private fail(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    // Settled first: closing the response would otherwise count as a disconnect of the client.
    this.settle({ outcome: 'failed', reason });
    abortResponse(this.raw);
  }

  /**
   * Makes the export fail if other code in the app ends the response before the file is complete, as
   * Nest's exception filters do. Otherwise the client would mistake the truncated file for a complete
   * one.
   */
  private preventEarlyEnd(isComplete: () => boolean): void {
    const { raw } = this;
    const guarded =
      <Method extends (...args: never[]) => unknown>(method: Method) =>
      (...args: Parameters<Method>): unknown => {
        if (!this.isOver && !isComplete()) {
          this.fail('something else in the app ended the response before the end of the file');
          return raw;
        }
        return method.apply(raw, args);
      };
    Object.assign(raw, { end: guarded(raw.end), destroy: guarded(raw.destroy) });
  }

  /**
   * Aborts the response if an HTTP/1.0 client half-closes the connection. Node would close it in the
   * middle of the file, which means the end of the file in HTTP/1.0.
   */
  private abortIfHalfClosed(): void {
    const { raw } = this;
    if (raw.req.httpVersion !== '1.0') return;
    const { socket } = raw.req;
    const listener = () => {
      if (raw.writableFinished) return;
      this.settle({ outcome: 'aborted' });
      this.isOver = true;
      abortResponse(raw);
    };
    socket.prependListener('end', listener);
    this.cleanUps.push(() => socket.removeListener('end', listener));
  }
}

/** Converts an error to one that Nest responds to with a 500 without logging it: the audit logs it. */
function unlogged({ message, stack }: Error): Error {
  return Object.assign(new IntrinsicException(message), { stack });
}

/** Whether an HTTP/2 client has canceled a response that was already sent. */
function wasCanceled(response: NodeResponse): boolean {
  return 'stream' in response && Boolean(response.stream?.rstCode);
}
