import type { ExportStream } from '../export/export-stream';
import { type HttpResponse, type NodeResponse, nodeResponseOf } from './node-response';

const ROWS = 'X-Export-Rows';
const DIGEST = 'Unencoded-Digest';

type Trailers = Record<string, string>;

/**
 * Sends the number of calls and the SHA-256 of the file as trailers, if the client accepts trailers and
 * the file is complete.
 *
 * `Unencoded-Digest` is the digest of the file before compression
 * (draft-ietf-httpbis-unencoded-digest), in the dictionary syntax of RFC 9530, section 2.
 * `Content-Digest` and `Repr-Digest` would be those of the compressed file.
 */
export function sendTrailers(response: HttpResponse, file: ExportStream): void {
  const raw = nodeResponseOf(response);
  const { httpVersion, headers } = raw.req;
  // HTTP/1.0 has no chunked encoding, and so no trailers.
  if (httpVersion === '1.0' || !acceptsTrailers(headers.te)) return;
  const others = response.getHeader('Trailer');
  response.header('Trailer', [...(others ? [others] : []), ROWS, DIGEST].join(', '));
  mergeTrailers(raw);
  file.once('end', () => {
    const { progress, sha256 } = file;
    // A host app's tests may replace the export with any stream.
    if (sha256 === undefined) return;
    const base64 = Buffer.from(sha256, 'hex').toString('base64');
    raw.addTrailers({ [ROWS]: String(progress.rows), [DIGEST]: `sha-256=:${base64}:` });
  });
}

/**
 * Whether a `TE` header has the member `trailers` (RFC 9110, section 10.1.4). Parameters of other
 * members may be quoted strings.
 */
export function acceptsTrailers(te: string | string[] | undefined): boolean {
  const unquoted = String(te ?? '').replace(/"(?:[^"\\]|\\.)*"?/g, '');
  return unquoted.split(',').some((member) => member.trim().toLowerCase() === 'trailers');
}

/**
 * Makes `addTrailers` append. Over HTTP/1, Node keeps only the last call's trailers, so the host app's or
 * ours would be lost.
 */
function mergeTrailers(response: NodeResponse): void {
  const addTrailers: (trailers: Trailers) => void = response.addTrailers.bind(response);
  const all: Trailers = {};
  const addToAll = (more: Trailers | [string, string][]) => {
    addTrailers(Object.assign(all, Array.isArray(more) ? Object.fromEntries(more) : more));
  };
  Object.assign(response, { addTrailers: addToAll });
}
