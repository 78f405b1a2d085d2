import type { ExportStream } from '../export/export-stream';
import { type HttpResponse, type NodeResponse, nodeResponseOf } from './node-response';

const ROWS = 'X-Export-Rows';
const DIGEST = 'Unencoded-Digest';

type Trailers = Record<string, string>;

/**
 * Has a response tell behind the file how many calls are in it and what its SHA-256 is, if the client takes trailers. They
 * are sent when the file has ended whole.
 *
 * The digest is that of the file before compression: the field `Unencoded-Digest` of draft-ietf-httpbis-unencoded-digest, a
 * dictionary of digests as in RFC 9530, section 2. `Content-Digest` and `Repr-Digest` are those of the compressed file.
 */
export function sendTrailers(response: HttpResponse, file: ExportStream): void {
  const raw = nodeResponseOf(response);
  const { httpVersion, headers } = raw.req;
  // HTTP/1.0 has no chunks, and so no place for them.
  if (httpVersion === '1.0' || !acceptsTrailers(headers.te)) return;
  const others = response.getHeader('Trailer');
  response.header('Trailer', [...(others ? [others] : []), ROWS, DIGEST].join(', '));
  keepTrailers(raw);
  file.once('end', () => {
    const { progress, sha256 } = file;
    // A host's test may give any stream in the place of an export.
    if (sha256 === undefined) return;
    const base64 = Buffer.from(sha256, 'hex').toString('base64');
    raw.addTrailers({ [ROWS]: String(progress.rows), [DIGEST]: `sha-256=:${base64}:` });
  });
}

/** Whether a header `TE` has the member `trailers` (RFC 9110, section 10.1.4). The parameters of others may be quoted. */
export function acceptsTrailers(te: string | string[] | undefined): boolean {
  const unquoted = String(te ?? '').replace(/"(?:[^"\\]|\\.)*"?/g, '');
  return unquoted.split(',').some((member) => member.trim().toLowerCase() === 'trailers');
}

/** Over HTTP/1, Node keeps the trailers that were added last alone: those of the host would be lost, or these. */
function keepTrailers(response: NodeResponse): void {
  const addTrailers: (trailers: Trailers) => void = response.addTrailers.bind(response);
  const all: Trailers = {};
  const addMore = (more: Trailers | [string, string][]) => {
    addTrailers(Object.assign(all, Array.isArray(more) ? Object.fromEntries(more) : more));
  };
  Object.assign(response, { addTrailers: addMore });
}
