import { pipeline, type Readable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import Negotiator from 'negotiator';

/** Whether a client would have gzip, by its header `Accept-Encoding` (RFC 9110, section 12.5.3). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const negotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } });
  return negotiator.encoding(['gzip', 'identity']) === 'gzip';
}

/** Compresses a stream as it flows, at the fastest level: the next one up takes twice the time for 8 % fewer bytes. */
export function gzip(source: Readable): Readable {
  const compressed = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 64 * 1024 });
  // Whichever of the two fails or is left takes the other one with it; the caller sees it on the stream it has.
  return pipeline(source, compressed, () => {});
}
