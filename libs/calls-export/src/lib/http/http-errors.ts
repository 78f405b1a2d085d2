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

/** The part of Express and Fastify responses used here. */
export interface HeaderResponse {
  getHeader(name: string): unknown;
  header(name: string, value: string): unknown;
}

/**
 * Maps an error that prevented an export from starting to the HTTP error for the client. Unknown errors
 * are returned stripped of driver details: Nest logs them and responds with a 500 that reveals nothing.
 */
export function toHttpError(error: unknown, response: HeaderResponse): Error {
  if (error instanceof UnexportableCallError)
    return new InternalServerErrorException(error.message);
  if (error instanceof InvalidAccountError) return new ForbiddenException(error.message);
  // A list, as for other invalid parameters.
  if (error instanceof InvalidAfterError) return new BadRequestException([error.message]);
  if (error instanceof ExportStoppedError) {
    return new ServiceUnavailableException('The server is shutting down. Try again soon.');
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

/**
 * Drops the statement, its parameters and row details, which drivers attach to errors and which must
 * not be logged.
 */
function withoutStatement(error: unknown): Error {
  const plain = new Error(reasonOf(error));
  if (error instanceof Error) {
    plain.stack = error.stack?.replace(error.message, () => plain.message);
  }
  return plain;
}
