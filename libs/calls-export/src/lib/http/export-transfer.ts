import type { Readable } from 'node:stream';
import { HttpException, IntrinsicException, StreamableFile } from '@nestjs/common';
import type { ExportAudit } from '../export/export-audit';
import type { ExportOutcome } from '../export/export-report';
import { type ExportStream, NOTHING_EXPORTED } from '../export/export-stream';
import { reasonOf } from '../model/export-errors';
import { breakOff } from './break-off';
import { inSlices, watchClient } from './client-watch';
import { compress } from './compression';
import { type FileHead, setExportHeaders } from './export-headers';
import { sendTrailers } from './export-trailers';
import { toHttpError } from './http-errors';
import { type HttpResponse, type NodeResponse, nodeResponseOf, onClose } from './node-response';

/** For how long a client may take what it is sent. */
export interface TransferLimits {
  /** After how many seconds in which it has taken nothing it is cut off. */
  readonly idleTimeout: number;
  /** After how many seconds it is cut off, however much it takes. */
  readonly maxDuration: number;
}

interface End {
  readonly outcome: ExportOutcome;
  readonly reason?: string;
  /** Of an error that nobody has thought of. */
  readonly stack?: string;
}

/** As an interceptor of the host's does that has waited long enough. */
const ANSWERED: End = {
  outcome: 'refused',
  reason: 'something else in the app had answered before',
};

/**
 * Sends an export as a response, and owns it until the response is over. Whatever comes of it, the export is closed then, and its
 * line is in the log.
 */
export class ExportTransfer {
  private readonly raw: NodeResponse;
  private readonly left = new AbortController();
  private readonly cleanUps: (() => void)[] = [];
  private readonly end: Promise<End>;
  private settle!: (end: End) => void;
  private isOver = false;

  /** @param reply has the app's platform send a file. */
  constructor(
    private readonly response: HttpResponse,
    private readonly limits: TransferLimits,
    private readonly audit: ExportAudit,
    private readonly reply: (file: StreamableFile) => void,
  ) {
    this.raw = nodeResponseOf(response);
    this.end = new Promise((resolve) => (this.settle = resolve));
  }

  /**
   * Sends what `open` opens, under this head. A client that leaves before that aborts its signal.
   *
   * @returns a promise that is fulfilled when the file has begun, or when there is none. Until then Fastify takes a handler that
   *   has returned for one that answers nothing; after that, an interceptor of the host's that waits has nothing to cut short.
   * @throws HttpException if there is no file for a reason that the client is to be told.
   */
  send(open: (signal: AbortSignal) => Promise<ExportStream>, head: FileHead): Promise<void> {
    return new Promise((resolve, reject) => {
      this.run(open, head, resolve).then(resolve, reject);
    });
  }

  private async run(
    open: (signal: AbortSignal) => Promise<ExportStream>,
    head: FileHead,
    begun: () => void,
  ): Promise<void> {
    const { raw, response, audit } = this;
    let text: ExportStream | undefined;
    let end: End = { outcome: 'aborted' };
    this.cleanUps.push(onClose(raw, () => this.left.abort()));
    try {
      text = await open(this.left.signal);
      if (this.left.signal.aborted) return;
      if (raw.headersSent) {
        end = ANSWERED;
        return;
      }
      setExportHeaders(response, head);
      sendTrailers(response, text);
      audit.begin();
      const file = compress(text, response.getHeader('Content-Encoding'));
      end = await this.transfer('stream' in raw ? inSlices(file) : file, begun);
    } catch (error) {
      if (raw.headersSent) end = ANSWERED;
      else if (!this.left.signal.aborted) {
        const answer = toHttpError(error, response);
        const isExpected = answer instanceof HttpException;
        end = {
          outcome: 'refused',
          reason: reasonOf(error),
          ...(!isExpected && { stack: answer.stack }),
        };
        throw isExpected ? answer : unlogged(answer);
      }
    } finally {
      this.isOver = true;
      for (const cleanUp of this.cleanUps) cleanUp();
      text?.destroy();
      // A host's test may give any stream in the place of an export.
      audit.end(end.outcome, text?.progress ? text : NOTHING_EXPORTED, end.reason, end.stack);
    }
  }

  /** Sends the file, and breaks off a response that would end without all of it. */
  private async transfer(file: Readable, begun: () => void): Promise<End> {
    const { raw, cleanUps } = this;
    const { idleTimeout, maxDuration } = this.limits;
    let hasEnded = false;
    let hasFinished = false;
    file.once('error', (error) => this.fail(reasonOf(error)));
    file.once('end', () => (hasEnded = true));
    raw.once('pipe', () => file.once('data', begun));
    raw.once('finish', () => (hasFinished = true));
    cleanUps.push(
      onClose(raw, () => {
        const isWhole = hasEnded && hasFinished && !wasCancelled(raw);
        this.settle({ outcome: isWhole ? 'completed' : 'aborted' });
      }),
    );
    this.keepFromEnding(() => hasEnded || file.readableEnded);
    this.breakOffHalfClosed();
    watchClient(raw, idleTimeout, () =>
      this.fail(`the client has taken nothing for ${idleTimeout} seconds`),
    );
    if (maxDuration < Infinity) {
      const late = () => this.fail(`the export has taken longer than ${maxDuration} seconds`);
      const timer = setTimeout(late, maxDuration * 1000);
      cleanUps.push(() => clearTimeout(timer));
    }
    this.reply(
      new StreamableFile(file)
        // The response has been broken off by then. Some versions of Nest would end it, as if the file were whole.
        .setErrorHandler(() => {})
        .setErrorLogger(() => {}),
    );
    return this.end.finally(() => file.destroy());
  }

  private fail(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    // Before it closes, which would be the client's doing.
    this.settle({ outcome: 'failed', reason });
    breakOff(this.raw);
  }

  /**
   * Anything in the app has the response and may end it, as Nest's filters do after an error. Before the end of the file that is a
   * failure, which the client must see.
   */
  private keepFromEnding(isWhole: () => boolean): void {
    const { raw } = this;
    const guarded =
      <Method extends (...args: never[]) => unknown>(method: Method) =>
      (...args: Parameters<Method>): unknown => {
        if (!this.isOver && !isWhole()) {
          this.fail('something else in the app ended the response before the end of the file');
          return raw;
        }
        return method.apply(raw, args);
      };
    Object.assign(raw, { end: guarded(raw.end), destroy: guarded(raw.destroy) });
  }

  /** Where a client has closed its side, Node ends the connection in the middle of the file, which is the file's end in HTTP/1.0. */
  private breakOffHalfClosed(): void {
    const { raw } = this;
    if (raw.req.httpVersion !== '1.0') return;
    const { socket } = raw.req;
    const listener = () => {
      if (raw.writableFinished) return;
      this.settle({ outcome: 'aborted' });
      this.isOver = true;
      breakOff(raw);
    };
    socket.prependListener('end', listener);
    this.cleanUps.push(() => socket.removeListener('end', listener));
  }
}

/** The same error as one that Nest answers 500 without a line in the log, where the export has its own. */
function unlogged({ message, stack }: Error): Error {
  return Object.assign(new IntrinsicException(message), { stack });
}

/** Whether the client, over HTTP/2, has cancelled what had been sent already. */
function wasCancelled(response: NodeResponse): boolean {
  return 'stream' in response && Boolean(response.stream?.rstCode);
}
