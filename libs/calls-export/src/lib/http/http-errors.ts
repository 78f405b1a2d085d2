import {
  BadRequestException,
  ForbiddenException,
  HttpException,
  HttpStatus,
  InternalServerErrorException,
  ServiceUnavailableException,
} from '@nestjs/common';
import {
  DatabaseUnavailableError,
  ExportStoppedError,
  InvalidAccountError,
  InvalidAfterError,
  reasonOf,
  TooManyExportsError,
  UnexportableCallError,
} from '../model/export-errors';

const RETRY_AFTER_SECONDS = '5';

/** What the responses of Express and of Fastify have in common, as far as it is used here. */
export interface HeaderResponse {
  getHeader(name: string): unknown;
  header(name: string, value: string): unknown;
}

/**
 * What a client is told when an export could not begin. An error that is not known here goes to the host as it is, but for what
 * the drivers add to it: Nest answers 500, which tells nothing of the inside, and logs it.
 */
export function toHttpError(error: unknown, response: HeaderResponse): Error {
  if (error instanceof UnexportableCallError)
    return new InternalServerErrorException(error.message);
  if (error instanceof InvalidAccountError) return new ForbiddenException(error.message);
  // A list, as that of the parameters' other faults.
  if (error instanceof InvalidAfterError) return new BadRequestException([error.message]);
  if (error instanceof ExportStoppedError) {
    return new ServiceUnavailableException('The service is stopping: try again at another one');
  }
  if (!(error instanceof TooManyExportsError || error instanceof DatabaseUnavailableError)) {
    return withoutStatement(error);
  }
  response.header('Retry-After', RETRY_AFTER_SECONDS);
  if (error instanceof TooManyExportsError && error.scope === 'account') {
    const statusCode = HttpStatus.TOO_MANY_REQUESTS;
    return new HttpException(
      { statusCode, error: 'Too Many Requests', message: error.message },
      statusCode,
    );
  }
  return new ServiceUnavailableException(error.message);
}

/** An error of a driver has the statement, its parameters and details of rows, which are nothing for a log. */
function withoutStatement(error: unknown): Error {
  const plain = new Error(reasonOf(error));
  if (error instanceof Error) {
    plain.stack = error.stack?.replace(error.message, () => plain.message);
  }
  return plain;
}
