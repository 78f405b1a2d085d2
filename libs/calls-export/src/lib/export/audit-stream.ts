import { reasonOf } from '../model/export-errors';
import type { ExportAudit } from './export-audit';
import { type ExportStream, NOTHING_EXPORTED } from './export-stream';

/**
 * Opens an export and audits it until its stream closes.
 *
 * @param signal aborts the export on behalf of the caller. The outcome is then `aborted`, not `failed`.
 */
export async function auditStream(
  audit: ExportAudit,
  open: () => Promise<ExportStream>,
  signal: AbortSignal | undefined,
): Promise<ExportStream> {
  let stream: ExportStream;
  try {
    stream = await open();
  } catch (error) {
    if (signal?.aborted) audit.end('aborted', NOTHING_EXPORTED);
    else audit.end('refused', NOTHING_EXPORTED, reasonOf(error));
    throw error;
  }
  audit.begin();
  return stream.once('close', () => {
    const { errored, readableEnded } = stream;
    if (readableEnded) audit.end('completed', stream);
    else if (errored && !signal?.aborted) audit.end('failed', stream, reasonOf(errored));
    else audit.end('aborted', stream);
  });
}
