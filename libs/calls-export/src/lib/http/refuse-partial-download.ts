import { HttpException, PreconditionFailedException } from '@nestjs/common';
import type { HeaderResponse } from './http-errors';
import type { NodeResponse } from './node-response';

/** The message of a 426 response. */
export const HTTP_1_1_REQUIRED =
  'Exports require HTTP/1.1 or later, because HTTP/1.0 clients cannot detect a truncated file. ' +
  'In nginx, set proxy_http_version 1.1.';

/** The message of a 412 response. */
export const RANGE_NOT_SUPPORTED =
  'Each request generates a new export, so Range is not supported. Remove the header. ' +
  'To continue a truncated file, use the query parameter after.';

/** A range that starts at the first byte, which a client does not append to another file. */
const FROM_ZERO = /^bytes\s*=\s*0\s*-\s*\d*$/i;

/**
 * Refuses requests after which a client could mistake a partial or mixed file for a complete one.
 *
 * - HTTP/1.0: the end of the connection marks the end of the file, even if the process was killed. The
 *   response is 426 and names the protocol to use (RFC 9110, section 15.5.22).
 * - `Range`: the client would append part of this export to part of an earlier one. `If-Range` is fine:
 *   it requests the complete file if that has changed, and an export always has (RFC 9110, section
 *   13.1.5). The response is 412, because `wget` and `curl` treat a partial file as complete after a
 *   416.
 *
 * @throws HttpException if the request is refused.
 */
export function refusePartialDownload(
  { httpVersion, method, headers }: NodeResponse['req'],
  response: HeaderResponse,
  acceptHttp10: boolean,
): void {
  if (httpVersion === '1.0' && !acceptHttp10) {
    response.header('Upgrade', 'HTTP/1.1');
    response.header('Connection', 'Upgrade, close');
    const statusCode = 426;
    throw new HttpException(
      { statusCode, error: 'Upgrade Required', message: HTTP_1_1_REQUIRED },
      statusCode,
    );
  }
  const { range } = headers;
  if (method === 'GET' && range && !headers['if-range'] && !FROM_ZERO.test(range.trim())) {
    throw new PreconditionFailedException(RANGE_NOT_SUPPORTED);
  }
}
