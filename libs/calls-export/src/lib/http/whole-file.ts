import { HttpException, PreconditionFailedException } from '@nestjs/common';
import type { HeaderResponse } from './http-errors';
import type { NodeResponse } from './node-response';

/** A range that is the whole file, or its beginning, which a client makes no other file of. */
const FROM_ZERO = /^bytes\s*=\s*0\s*-\s*\d*$/i;

/**
 * Refuses what a client could take for a whole file though it is not.
 *
 * - Over HTTP/1.0 the end of the connection is the end of the file, so a process that is killed ends it. The answer is 426 with
 *   what to speak instead (RFC 9110, section 15.5.22).
 * - A range resumes a file that has broken off, and the client would put the parts of two exports together. With `If-Range` it asks
 *   for the whole if the file is not the same any more, which an export never is (RFC 9110, section 13.1.5). The answer is 412, since
 *   `wget` and `curl` take the part for the whole at 416.
 *
 * @throws HttpException
 */
export function requireWholeFile(
  { httpVersion, method, headers }: NodeResponse['req'],
  response: HeaderResponse,
  acceptHttp10: boolean,
): void {
  if (httpVersion === '1.0' && !acceptHttp10) {
    response.header('Upgrade', 'HTTP/1.1');
    response.header('Connection', 'Upgrade, close');
    const statusCode = 426;
    throw new HttpException(
      {
        statusCode,
        error: 'Upgrade Required',
        message:
          'Over HTTP/1.0 a file that breaks off looks whole, so the export wants HTTP/1.1: in nginx set proxy_http_version 1.1',
      },
      statusCode,
    );
  }
  const { range } = headers;
  if (method === 'GET' && range && !headers['if-range'] && !FROM_ZERO.test(range.trim())) {
    throw new PreconditionFailedException(
      "An export is made anew for each request and can't be resumed by a Range: leave the header out, and continue a broken file by the parameter after",
    );
  }
}
